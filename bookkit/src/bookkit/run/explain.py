"""Why a notebook would run, or why it need not: part by part, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.source import Section
from bookkit.errors import where
from bookkit.kernels.environments import environment_of
from bookkit.run import committed
from bookkit.run.cache import Entry, Stores, open_stores
from bookkit.run.changes import changes
from bookkit.run.plan import Job, plan
from bookkit.run.results import Result


@dataclass(frozen=True)
class Explanation:
    """What a run would do with one notebook, and what changed since the last one.

    `store` says where a kept result lies; `status` and the rest are of that
    result. `changes` may not be empty for a kept one: code that is as it once was.
    `unavailable` says why this machine cannot run it: the result is a committed one,
    or there is none, and `status` is empty. `not_run` says by what it is declared
    not to be run.
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
    not_run: str = ""

    def __str__(self) -> str:
        """Word it: one line, and one more for each change."""
        what = "would run"
        if self.kept:
            what = f"kept, {self.status}, {self.seconds:.1f} s, "
            what += f"made {self.made} ({self.store})"
        elif self.not_run:
            what = f"not run, as declared by {self.not_run}"
        elif self.unavailable:
            result = f"committed {self.made} ({self.store})"
            what = result if self.status else "no committed result"
            what += f", this machine cannot run it ({self.unavailable})"
        head = f"{where(self.section, tab=self.tab)}: {what}"
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
    return [_explain(config, stores, job, found.get(job.key)) for job in jobs]


def _explain(
    config: Config, stores: Stores, job: Job, entry: Entry | None
) -> Explanation:
    if job.not_run:
        return Explanation(*job.name, False, (), not_run=job.not_run)
    return _committed(config, job) if job.unavailable else _kept(stores, job, entry)


def _committed(config: Config, job: Job) -> Explanation:
    found = committed.take(config, job)
    if isinstance(found, Finding):
        changed = (found.found,)
        return Explanation(*job.name, False, changed, unavailable=job.unavailable)
    return _with_result(job, found, (), found.date, str(job.tab.kept))


def _kept(stores: Stores, job: Job, entry: Entry | None) -> Explanation:
    last, state = stores.ledger.last(*job.name), environment_of(job.tab).state()
    changed = list(changes(job, last, state)) if last else []
    # What an environment will have is known when it is made.
    if entry is not None and state == "fresh":
        store = f"from {entry.origin}" if entry.origin else str(stores.folder.path)
        return _with_result(job, entry.result, changed, entry.made, store)
    if not changed:
        known = "the kept result is gone, or cannot be used any more"
        changed = [known if last else "never run"]
    return Explanation(*job.name, False, tuple(changed))


def _with_result(
    job: Job, result: Result, changed: Sequence[str], made: str, store: str
) -> Explanation:
    return Explanation(
        *job.name,
        kept=not job.unavailable,
        changes=tuple(changed),
        status=result.status.value,
        seconds=result.seconds,
        made=made,
        store=store,
        unavailable=job.unavailable,
    )
