"""Describe and verify the virtual environments of a book; `installing` makes them.

One per tab and one to build in, each from a lock of exact versions. An environment is
*fresh* when the record that its last step left names the same lock, interpreter and
place. A tab that this machine cannot have is *unavailable*, and a file says why.
Standard library only.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookkit.book.commands import to_run
from bookkit.book.config import Config, Tab
from bookkit.errors import EnvironmentFailure, explain
from bookkit.files import digest, write_whole
from bookkit.kernels.packages import installed

RECORD_NAME = "bookkit.json"
BUILD = "build"
#: Where bookkit itself lies: its distribution, of which the build's environment has a
#: link, and which names a program and a kernel provisioner of ours.
OWN = Path(__file__).resolve().parents[3]
#: What a kernel and a build import first.
KERNEL_IMPORTS = ("ipykernel.kernelapp",)
BUILD_IMPORTS = (
    *("d2lbook.build", "furo", "nbclient", "pytest"),
    *("sphinx.application", "sphinxcontrib.bibtex"),
)


@dataclass(frozen=True)
class Environment:
    """One virtual environment, its lock, and the Pythons, oldest first, it allows."""

    name: str
    path: Path
    lock: Path
    imports: tuple[str, ...]
    pythons: tuple[str, ...]
    tab: Tab | None = None

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def reason(self) -> Path:
        """Return the file that says why this machine cannot have it."""
        return self.path.with_name(f"{self.name}.unavailable")

    def unavailable(self) -> str:
        """Say in one line why this machine cannot have it; "" where it can."""
        try:
            return self.reason.read_text(encoding="utf-8").partition("\n")[0]
        except OSError:
            return ""

    def lock_hash(self) -> str:
        """Hash what the lock asks for; comments and order do not count.

        Raises:
            EnvironmentFailure: there is no lock file.
        """
        try:
            rows = self.lock.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            raise EnvironmentFailure(
                explain(
                    str(self.lock), "no such lock file", "", to_run(self.lock, "lock")
                )
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

    def has_record(self) -> bool:
        """Tell whether an installation of ours has left its record, be it damaged."""
        return (self.path / RECORD_NAME).is_file()

    def state(self) -> str:
        """Tell `fresh`, `missing`, `half-made`, `stale` or `unavailable`."""
        if not self.path.exists():
            return "unavailable" if self.unavailable() else "missing"
        record = self.record()
        if record is None or not self.python.exists():
            return "half-made"
        same = self._made_from(self.path).items() <= record.items()
        return "fresh" if same else "stale"

    def described(self) -> str:
        """Word the state, and what has become of its Python, if it is that."""
        state, record = self.state(), self.record() or {}
        now = interpreter_in(self.path)
        if "interpreter" not in record or now == record["interpreter"]:
            return state
        if now is None:
            return f"{state}: its Python {self.python.resolve()} is gone"
        return f"{state}: its Python is not the {record.get('python')} it was made with"

    def _made_from(self, place: Path) -> dict[str, Any]:
        own = {} if self.tab else {"bookkit": digest([OWN / "pyproject.toml"])}
        return {
            "lock": self.lock_hash(),
            "path": str(self.path.resolve()),
            "interpreter": interpreter_in(place),
            **own,
        }

    def finish(self, version: str, place: Path | None = None, **more: object) -> None:
        """Leave the record that makes it fresh; until it moves it lies at `place`."""
        place = place or self.path
        made = {"python": version, "packages": installed(place), **more}
        record = json.dumps({**self._made_from(place), **made}, indent=1)
        write_whole(place / RECORD_NAME, record)


def interpreter_in(environment: Path) -> list[int] | None:
    """Describe the Python that an environment was made with; None: it is gone."""
    try:
        python = (environment / "bin" / "python").stat()
    except OSError:
        return None
    return [python.st_size, python.st_mtime_ns]


def environment_of(tab: Tab) -> Environment:
    imports = (*tab.preload, *tab.compile, *KERNEL_IMPORTS)
    return Environment(tab.name, tab.environment, tab.lock, imports, tab.pythons, tab)


def build_environment(config: Config) -> Environment:
    """Return the environment that bookkit and d2lbook run in."""
    lock, path = config.locks / f"{BUILD}.txt", config.build_environment
    return Environment(BUILD, path, lock, BUILD_IMPORTS, config.pythons)


def require(tab: Tab) -> Environment:
    """Return the tab's environment if it is fresh.

    Raises:
        EnvironmentFailure: it is missing, half-made, stale or unavailable.
    """
    one = environment_of(tab)
    if one.state() != "fresh":
        found, expected = f"its environment {one.path} is {one.described()}", one.lock
        remedy = to_run(one.lock, "environments", tab.name)
        text = explain(f"tab {tab.name}", found, f"one made from {expected}", remedy)
        raise EnvironmentFailure(text)
    return one
