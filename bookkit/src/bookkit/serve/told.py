"""What a build tells its owner as it goes: how far it is, what is wrong where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bookkit.errors import BookFailure, BookkitError, where
from bookkit.run.plan import Job
from bookkit.run.results import Result
from bookkit.workflow import Watcher


class Told(Watcher):
    """Follows a build for pages that wait for it."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._running: list[str] = []
        self._ended = 0

    @property
    def listed(self) -> list[str]:
        """Return what a draft lacks, worded."""
        return list(map(str, self.warnings))

    def of(self, error: BookkitError | None) -> dict[str, Any]:
        """Return what is to be told of a build that has ended so."""
        told: dict[str, Any] = {"error": "", "warnings": self.listed}
        if error:
            told |= {"error": str(error), "kind": type(error).__name__}
            told["shown"] = list(error.shown)
        return told

    def heard(self, job: Job, result: Result | None) -> None:
        """Tell which notebooks run; those that are kept never began."""
        section, tab = job.name
        name = where(Path(section).stem, tab=tab)
        if result is None:
            self._running.append(name)
        else:
            self._ended += 1
            if name not in self._running:
                return
            self._running.remove(name)
        self._tell({"running": self._running, "done": self._ended, "of": self.jobs})

    def making(self) -> None:
        """Tell that the notebooks are done."""
        self._tell({"running": []})

    def shown(self, failure: BookFailure | None) -> None:
        """Tell that the pages are there."""
        self._tell({"shown": self.of(failure)})
