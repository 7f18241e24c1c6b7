"""What a worker has, as Dask resources; standard library only.

One resource per fresh environment, `env:TAB:PACKAGES:PYTHON`, one per kind of GPU,
`gpu:NAME`, and one for bookkit itself. A notebook asks for the very names that its
key was made from, and for its own bookkit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bookkit import __version__
from bookkit.book.commands import to_run
from bookkit.book.config import Config, Tab
from bookkit.errors import BookkitError
from bookkit.kernels import devices
from bookkit.kernels.environments import environment_of
from bookkit.kernels.packages import digest_of, installed
from bookkit.run import results

#: What a worker or a notebook names, and how much of it.
Resources = dict[str, float]
#: Counts changes of the meaning of what travels to a worker.
TASK_FORMAT = 5


def tool_name() -> str:
    """Name this bookkit, e.g. `bookkit 0.1.0 (results 1, tasks 2)`."""
    return f"bookkit {__version__} (results {results.FORMAT}, tasks {TASK_FORMAT})"


def environment_name(tab: str, packages: Mapping[str, str], python: str) -> str:
    """Name an environment, e.g. `env:pytorch:0123456789abcdef:3.11.7`."""
    return f"env:{tab}:{digest_of(packages)}:{python}"


def environment_here(tab: Tab) -> str | None:
    """Name the environment of a tab on this machine; None unless it is fresh."""
    environment = environment_of(tab)
    try:
        if environment.state() != "fresh":
            return None
        record = environment.record() or {}
        return environment_name(
            tab.name, installed(environment.path), str(record.get("python"))
        )
    except BookkitError:  # there is no lock to compare it with
        return None


def announced(config: Config, slots: int) -> tuple[Resources, list[str]]:
    """Return what this machine has, and a line for each tab that it has not."""
    have: Resources = {}
    missing = []
    for tab in config.tabs:
        name = environment_here(tab)
        if name is not None:
            have[name] = slots
            continue
        if reason := environment_of(tab).unavailable():
            missing.append(f"{tab.name}: not on this machine ({reason})")
            continue
        make = to_run(tab.lock, "environments", tab.name)
        missing.append(f"{tab.name}: no fresh environment, not announced; next: {make}")
    have[tool_name()] = slots
    have |= {f"gpu:{name}": n for name, n in Counter(devices.gpu_names()).items()}
    return have, missing


def wanted(
    tab: str, packages: Mapping[str, str], python: str, gpus: Iterable[str]
) -> Resources:
    """Return what one notebook takes of a worker."""
    counted = Counter(gpus)
    return {
        environment_name(tab, packages, python): 1,
        tool_name(): 1,
        **{f"gpu:{name}": number for name, number in counted.items()},
    }


def gpus_of(resources: Mapping[str, float]) -> dict[str, int]:
    """Return how many of each kind of GPU resources count."""
    return {
        name.removeprefix("gpu:"): int(number)
        for name, number in resources.items()
        if name.startswith("gpu:")
    }


def gpu_words(resources: Mapping[str, float]) -> list[str]:
    """Word the GPUs of resources, e.g. `2 x NVIDIA H100`."""
    return [f"{number} x {name}" for name, number in gpus_of(resources).items()]


def satisfies(have: Mapping[str, float], asked: Mapping[str, float]) -> bool:
    """Tell whether a worker with `have` can ever run what asks for `asked`."""
    return all(have.get(name, 0) >= number for name, number in asked.items())


def compared(have: Mapping[str, float], asked: Mapping[str, float]) -> str:
    """Say in words what a worker has instead of what a notebook asks for."""
    if tool_name() not in have:
        tools = [name for name in have if name.startswith("bookkit ")]
        return f"has {', '.join(tools) or 'an older bookkit, or none'}"
    tab, packages, python = environment_asked(asked)
    names = [name.split(":", 3)[1:] for name in have if name.startswith("env:")]
    environments = {one: versions for one, *versions in names}
    if tab not in environments:
        return f"has {', '.join(environments) or 'no environment'}"
    its_packages, its_python = environments[tab]
    if its_packages != packages:
        return f"has {tab}, but with other packages ({its_packages})"
    if its_python != python:
        return f"has {tab}, but with Python {its_python}"
    return f"has {tab}, but of GPUs {', '.join(gpu_words(have)) or 'none'}"


def environment_asked(asked: Mapping[str, float]) -> list[str]:
    """Return tab, packages and Python of the environment that a notebook asks for."""
    return next(name for name in asked if name.startswith("env:")).split(":", 3)[1:]
