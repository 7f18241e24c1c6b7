"""Create, verify and describe the virtual environments of a book.

One per tab and one to build in, each from a lock file of exact versions. An
environment is *fresh* when the record left by its last step names the same
lock, interpreter and place; anything else is made anew from nothing. Standard
library only: `python -m bookkit.environments` runs before anything exists.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookkit import kernelspecs
from bookkit.config import Config, Tab, load
from bookkit.errors import BookkitError, EnvironmentFailure, explain
from bookkit.files import write_whole
from bookkit.installing import Installation, ensure_installer, install_all

#: NumPy 2.4 and d2lbook's companions set the floor.
PYTHON_MIN = (3, 11)
RECORD_NAME = "bookkit.json"
BUILD = "build"
INSTALLER = ".pip"
#: What a kernel and a build import first.
KERNEL_IMPORTS = ("ipykernel.kernelapp",)
BUILD_IMPORTS = (
    "d2lbook.build",
    "furo",
    "nbclient",
    "pytest",
    "sphinx.application",
    "sphinxcontrib.bibtex",
)


@dataclass(frozen=True)
class Environment:
    """One virtual environment and the lock it is made from."""

    name: str
    path: Path
    lock: Path
    imports: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.path / "bin" / "python"

    def lock_hash(self) -> str:
        """Hash what the lock asks for; comments and order do not count.

        Raises:
            EnvironmentFailure: there is no lock file.
        """
        try:
            rows = self.lock.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            raise EnvironmentFailure(
                explain(str(self.lock), "no such lock file", "", "make lock")
            ) from None
        wanted = sorted(row.strip() for row in rows if row.strip()[:1] not in ("", "#"))
        return hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:16]

    def record(self) -> dict[str, Any] | None:
        """Return what the last complete installation left, or None."""
        try:
            found = json.loads((self.path / RECORD_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def unavailable(self) -> str:
        """Say in one line why this machine cannot have it; empty where it can."""
        reason = self.path.with_name(f"{self.name}.unavailable")
        try:
            return " ".join(reason.read_text(encoding="utf-8").split())
        except FileNotFoundError:
            return ""

    def state(self) -> str:
        """Tell `fresh`, `missing`, `half-made` or `stale`."""
        if not self.path.exists():
            return "missing"
        record = self.record()
        if record is None or not self.python.exists():
            return "half-made"
        same = (record.get("lock"), record.get("path")) == (
            self.lock_hash(),
            str(self.path.resolve()),
        )
        return "fresh" if same else "stale"

    def finish(self, version: str) -> None:
        """Leave the record that makes the environment fresh, as the last step."""
        record = {
            "lock": self.lock_hash(),
            "path": str(self.path.resolve()),
            "python": version,
        }
        write_whole(self.path / RECORD_NAME, json.dumps(record, indent=1))


def environment_of(tab: Tab) -> Environment:
    """Return the environment of a tab."""
    imports = (*tab.preload, *tab.compile, *KERNEL_IMPORTS)
    return Environment(tab.name, tab.environment, tab.lock, imports)


def build_environment(config: Config) -> Environment:
    """Return the environment that bookkit and d2lbook run in."""
    lock = config.locks / f"{BUILD}.txt"
    return Environment(BUILD, config.build_environment, lock, BUILD_IMPORTS)


def require(tab: Tab) -> Environment:
    """Return the tab's environment if it is fresh.

    Raises:
        EnvironmentFailure: it is missing, half-made or stale.
    """
    environment = environment_of(tab)
    state = environment.state()
    if state != "fresh":
        raise EnvironmentFailure(
            explain(
                f"tab {tab.name}",
                f"its environment {environment.path} is {state}",
                f"one made from {environment.lock}",
                f"make environments TABS={tab.name}",
            )
        )
    return environment


def check_python(config: Config, version: tuple[int, int]) -> None:
    """Refuse an interpreter that a selected tab cannot run on.

    Raises:
        EnvironmentFailure: it is too old for the book or too new for a tab.
    """
    here = f"{version[0]}.{version[1]}"
    if version < PYTHON_MIN:
        raise EnvironmentFailure(
            explain(
                sys.executable,
                f"this is Python {here}",
                f"Python {PYTHON_MIN[0]}.{PYTHON_MIN[1]}",
                "make PYTHON=/path/to/python3.11",
            )
        )
    for tab in config.tabs:
        if tab.python_max and version > tab.python_max:
            newest = f"{tab.python_max[0]}.{tab.python_max[1]}"
            others = ",".join(
                one.name
                for one in config.tabs
                if not one.python_max or version <= one.python_max
            )
            frozen = " (the framework is frozen upstream)" if tab.frozen else ""
            raise EnvironmentFailure(
                explain(
                    f"tab {tab.name}",
                    f"Python {here} is too new for {tab.title}{frozen}",
                    f"Python {newest} or older for this tab",
                    f"make PYTHON=python{newest}, or leave the tab out: "
                    f"make TABS={others}",
                )
            )


def ensure(config: Config) -> list[str]:
    """Make what is not fresh, several at a time; return the names made.

    Raises:
        EnvironmentFailure: an installation failed; the others are finished first.
    """
    check_python(config, sys.version_info[:2])
    config.environments.mkdir(parents=True, exist_ok=True)
    wanted = [build_environment(config), *map(environment_of, config.tabs)]
    todo = [one for one in wanted if one.state() != "fresh"]
    if todo:
        names = ", ".join(f"{one.name} ({one.state()})" for one in todo)
        print(f"Environments to make: {names}", flush=True)
        pip = ensure_installer(config.environments.absolute() / INSTALLER)
        install_all([_installation(config, one, pip) for one in todo])
    kernelspecs.write_all(config)
    return [one.name for one in todo]


def _installation(
    config: Config, environment: Environment, installer: Path
) -> Installation:
    own = Path(__file__).resolve().parents[2]
    editable = environment.name == BUILD and (own / "pyproject.toml").exists()

    def reset() -> bool:
        """Clear the way; False when another build finished it meanwhile."""
        if environment.state() == "fresh":
            return False
        shutil.rmtree(environment.path, ignore_errors=True)
        return True

    def finish() -> None:
        environment.finish("{}.{}.{}".format(*sys.version_info[:3]))

    return Installation(
        name=environment.name,
        folder=environment.path,
        lock=environment.lock,
        installer=installer,
        editable=own if editable else None,
        imports=environment.imports,
        reset=reset,
        finish=finish,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as `python -m bookkit.environments`; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m bookkit.environments",
        description="Create the environments of a book where they are not fresh.",
    )
    parser.add_argument("--root", type=Path, default=Path("."), help="the book")
    parser.add_argument("--tabs", default="", help="only these, e.g. pytorch,mxnet")
    options = parser.parse_args(arguments)
    # make sends SIGTERM to its children when it is interrupted
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        ensure(load(options.root, options.tabs.replace(",", " ").split()))
    except BookkitError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; `make` continues where this stopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
