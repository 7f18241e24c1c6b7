"""Why a notebook would run, or why it need not: part by part, without running it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.source import Section
from bookkit.errors import where
from bookkit.kernels.environments import environment_of
from bookkit.run import committed
from bookkit.run.cache import Entry, open_stores
from bookkit.run.changes import changes
from bookkit.run.plan import Job, plan


@dataclass(frozen=True)
class Explanation:
    """What a run would do with one notebook, and what changed since the last one.

    `store` says where a kept result lies; `status` and the rest are of that
    result. `changes` may not be empty for a kept one: code that is as it once was.
    `unavailable` says why this machine cannot run it: the result is a committed one,
    or there is none, and `status` is empty.
    """

    section: str
    tab: str
    kept: bool
    changes: tuple[str, ...]
    status: str = ""
    seconds: float = 0.0
    made: str = ""
    store: str = ""
    unavailable: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary."""
        return {**dataclasses.asdict(self), "changes": list(self.changes)}

    def __str__(self) -> str:
        """Word it: one line, and one more for each change."""
        place = where(PurePosixPath(self.section), tab=self.tab)
        head = f"{place}: would run"
        if self.kept:
            head = f"{place}: kept, {self.status}, {self.seconds:.1f} s, "
            head += f"made {self.made} ({self.store})"
        elif self.unavailable:
            told = f"committed {self.made} ({self.store})"
            head = f"{place}: {told if self.status else 'no committed result'}, "
            head += f"this machine cannot run it ({self.unavailable})"
        return "\n".join([head, *(f"    {change}" for change in self.changes)])


def explain_notebooks(
    config: Config, sections: Sequence[Section], chosen: Sequence[Section]
) -> list[Explanation]:
    """Explain the chosen sections of a book in the selected tabs."""
    paths = {section.path for section in chosen}
    jobs = plan(config, sections, installed=False)
    jobs = [job for job in jobs if job.section.path in paths]
    stores = open_stores(config)
    found = stores.fetch([job.key for job in jobs], look_only=True)
    explained = []
    for job in jobs:
        if job.unavailable:
            explained.append(_committed(config, job))
            continue
        last, state = stores.ledger.last(*job.name), environment_of(job.tab).state()
        changed = list(changes(job, last, state)) if last else []
        # What an environment will have is known when it is made.
        entry = found.get(job.key) if state == "fresh" else None
        if entry is None and not changed:
            known = "the kept result is gone, or cannot be used any more"
            changed = [known if last else "never run"]
        explained.append(_explanation(job, entry, changed, str(stores.folder.path)))
    return explained


def _committed(config: Config, job: Job) -> Explanation:
    found, told = committed.take(config, job), Explanation(*job.name, False, ())
    told = dataclasses.replace(told, unavailable=job.unavailable)
    if isinstance(found, Finding):
        return dataclasses.replace(told, changes=(found.found,))
    return dataclasses.replace(
        told,
        status=found.status.value,
        seconds=found.seconds,
        made=found.date,
        store=str(job.tab.kept),
    )


def _explanation(
    job: Job, entry: Entry | None, changes: Sequence[str], folder: str
) -> Explanation:
    section, tab = job.name
    if entry is None:
        return Explanation(section, tab, False, tuple(changes))
    store = f"from {entry.origin}" if entry.origin else folder
    result = entry.result
    return Explanation(
        section,
        tab,
        True,
        tuple(changes),
        result.status.value,
        result.seconds,
        entry.made,
        store,
    )
