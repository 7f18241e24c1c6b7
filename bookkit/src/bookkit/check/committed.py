"""Where this machine cannot run a tab, its results have to be there: BK601."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.source import Section
from bookkit.kernels.environments import environment_of
from bookkit.run.committed import take
from bookkit.run.plan import plan


def check_committed(config: Config, sections: Sequence[Section]) -> Iterator[Finding]:
    """Yield what lacks a result; only the selected tabs count."""
    tabs = tuple(tab for tab in config.tabs if environment_of(tab).unavailable())
    for job in plan(replace(config, tabs=tabs), sections) if tabs else ():
        found = take(config, job) if job.unavailable else None
        if isinstance(found, Finding):
            yield found
