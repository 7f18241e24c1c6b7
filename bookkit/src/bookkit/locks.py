"""Renew lock files from what is asked for by hand, and keep conda's file equal.

`envs/TAB.in` names a few packages; `envs/TAB.txt` is every package that
installing them brought, with its exact version.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bookkit.config import Config
from bookkit.environments import BUILD
from bookkit.errors import EnvironmentFailure, explain
from bookkit.files import write_whole
from bookkit.installing import NO_DEPS_MARK

#: A line of a `.in` file: what follows is installed without its own requirements.
NO_DEPS_SECTION = re.compile(r"^# --no-deps$", re.M)
#: In a `.in` file: packages that others ask for and nothing here needs.
WITHOUT = re.compile(r"^# --without ([^:]+):", re.M)
#: conda's pip resolves requirements and cannot be told not to, and d2lbook
#: requires a Sphinx of 2022. It is installed by the file's second command.
NOT_FOR_CONDA = "d2lbook"
PYTHON_FOR_CONDA = "3.11"


def renew(config: Config) -> list[Path]:
    """Write every lock of the selected tabs and the build anew, and conda's file.

    Raises:
        EnvironmentFailure: pip could not install what a `.in` file names.
    """
    written = []
    for name in [BUILD, *(tab.name for tab in config.tabs)]:
        lock = config.locks / f"{name}.txt"
        write_whole(lock, _resolve(config.locks / f"{name}.in", name))
        written.append(lock)
    conda = config.root / "environment.yml"
    write_whole(conda, conda_text(config))
    return [*written, conda]


def conda_text(config: Config) -> str:
    """Return environment.yml: the build environment plus the default tab."""
    locks = [config.locks / f"{BUILD}.txt", config.default_tab.lock]
    pins = {pin for lock in locks for pin in _pins(lock)}
    kept = sorted(pin for pin in pins if pin.split("==")[0] != NOT_FOR_CONDA)
    (left_out,) = (pin for pin in pins if pin.split("==")[0] == NOT_FOR_CONDA)
    head = [
        "# For conda users: the build environment plus the default tab, equal to",
        f"# {config.locks.name}/{BUILD}.txt and {config.default_tab.lock.name} "
        "(a test compares them). Made by `make lock`.",
        "#",
        "#   conda env create -f environment.yml && conda activate " + config.name,
        f"#   pip install --no-deps {left_out} -e bookkit",
        "#",
        "# d2lbook comes second because it requires a Sphinx of 2022.",
        f"name: {config.name}",
        "channels: [conda-forge]",
        "dependencies:",
        f"  - python={PYTHON_FOR_CONDA}",
        "  - pip",
        "  - git",
        "  - make",
        "  - pip:",
    ]
    return "\n".join([*head, *(f"      - {pin}" for pin in kept)]) + "\n"


def _pins(lock: Path) -> list[str]:
    rows = lock.read_text(encoding="utf-8").splitlines()
    return [row.strip() for row in rows if row.strip() and not row.startswith("#")]


def _resolve(wish: Path, name: str) -> str:
    text = wish.read_text(encoding="utf-8")
    resolved, *alone = NO_DEPS_SECTION.split(text, maxsplit=1)
    with tempfile.TemporaryDirectory(prefix=f"lock-{name}-") as folder:
        python = Path(folder, "venv", "bin", "python")
        _run([sys.executable, "-m", "venv", str(python.parents[1])], name)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
        for part, options in ((resolved, []), ("".join(alone), ["--no-deps"])):
            asked = Path(folder, "asked.txt")
            asked.write_text(part, encoding="utf-8")
            _run([*pip, "install", "--quiet", *options, "-r", str(asked)], name)
        frozen = _run([*pip, "freeze", "--all", "--exclude", "pip"], name)
    head = [f"# Made by `make lock` from {wish.name}; edit that."]
    if alone:
        head.append(NO_DEPS_MARK)
    unwanted = {name for names in WITHOUT.findall(text) for name in names.split()}
    pins = [
        pin
        for pin in _without_local(frozen.splitlines())
        if pin.split("==")[0] not in unwanted
    ]
    return "\n".join([*head, *pins]) + "\n"


def _without_local(pins: Iterable[str]) -> list[str]:
    """Drop local versions (`+cpu`): the index decides which build it has."""
    return [pin.split("+")[0] for pin in pins if "==" in pin]


def _run(command: list[str], name: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = "\n    ".join(done.stderr.strip().splitlines()[-3:])
        raise EnvironmentFailure(
            explain(f"lock {name}", f"pip failed\n    {last}", "", "make lock")
        )
    return done.stdout
