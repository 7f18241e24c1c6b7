"""How far a run is, and how long it may still take: one moving line, or plain lines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bookkit.errors import where
from bookkit.run import schedule
from bookkit.run.history import History
from bookkit.run.plan import Job
from bookkit.run.results import Result


class RunProgress:
    """Follow a run: one moving line on a terminal, one line per notebook elsewhere."""

    def __init__(
        self, screen: Console, jobs: Sequence[Job], history: History, slots: int
    ) -> None:
        self._screen, self._history, self._slots = screen, history, slots
        self._left = {job.name: job for job in jobs}
        self._total = len(jobs)
        self._running: dict[tuple[str, str], float] = {}
        self._began: float | None = None
        self._bar: Progress | None = None
        if screen.is_terminal:
            self._bar = Progress(
                TextColumn("Running notebooks"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[now]}"),
                console=screen,
                transient=True,
            )
            self._task = self._bar.add_task("run", total=self._total, now="")

    def __enter__(self) -> RunProgress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def __call__(self, job: Job, result: Result | None) -> None:
        """Take note of a notebook that started or ended."""
        if result is None:
            if self._began is None:
                self._begin()
            self._running[job.name] = time.monotonic()
        else:
            self._running.pop(job.name, None)
            self._left.pop(job.name, None)
            if not self._bar and not result.cached:
                self._say(result)
        if self._bar:
            self._move(self._bar)

    def _begin(self) -> None:
        """Print how many will run; all cached results have been reported by now."""
        self._began = time.monotonic()
        count = len(self._left)
        noun = "notebook" if count == 1 else "notebooks"
        self._screen.print(f"{count} {noun} to run{self._estimate()}", markup=False)

    def _say(self, result: Result) -> None:
        done = self._total - len(self._left)
        name = where(result.section, tab=result.tab)
        self._screen.print(
            f"  {done}/{self._total} {name} {result.status.value}, "
            f"{result.seconds:.1f} s",
            markup=False,
        )

    def _move(self, bar: Progress) -> None:
        now = ", ".join(f"{Path(s).stem} [{t}]" for s, t in self._running)
        left = self._estimate() if self._left else ""
        bar.update(
            self._task,
            completed=self._total - len(self._left),
            now=(now + left).replace("[", r"\["),
        )

    def _estimate(self) -> str:
        """Word the time that is left, by what the notebooks took last time."""
        jobs = list(self._left.values())
        seconds = schedule.expected_s(jobs, self._history, self._slots)
        if seconds is None:
            return ""  # nothing is known: no number is better than a wrong one
        now = time.monotonic()
        spent = sum(now - since for since in self._running.values())
        left = max(seconds - spent / self._slots, 1)
        return f", about {left:.0f} s" if left < 90 else f", about {left / 60:.0f} min"
