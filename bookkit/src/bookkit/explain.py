"""Why a notebook would run, or why it need not: part by part, without running it."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bookkit import execute
from bookkit.cache import Entry, Parts, open_stores
from bookkit.config import Config
from bookkit.environments import environment_of
from bookkit.errors import where
from bookkit.source import Section


@dataclass(frozen=True)
class Explanation:
    """What a run would do with one notebook, and what changed since the last one.

    `store` says where a kept result lies; `status` and the rest are of that
    result. `changes` may not be empty for a kept one: code that is as it once was.
    """

    section: str
    tab: str
    kept: bool
    changes: tuple[str, ...]
    status: str = ""
    seconds: float = 0.0
    made: str = ""
    store: str = ""

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
        return "\n".join([head, *(f"    {change}" for change in self.changes)])


def explain_notebooks(
    config: Config, sections: Sequence[Section], chosen: Sequence[Section]
) -> list[Explanation]:
    """Explain the chosen sections of a book in the selected tabs."""
    paths = {section.path for section in chosen}
    jobs = execute.plan(config, sections, installed=False)
    jobs = [job for job in jobs if job.section.path in paths]
    stores = open_stores(config)
    found = stores.fetch([job.key for job in jobs], look_only=True)
    states = {tab.name: environment_of(tab).state() for tab in config.tabs}
    explained = []
    for job in jobs:
        last, state = stores.ledger.last(*job.name), states[job.tab.name]
        changes = list(_changes(job, last.parts, state)) if last else []
        # What an environment will have is known when it is made.
        entry = found.get(job.key) if state == "fresh" else None
        if entry is None and not changes:
            known = "the kept result is gone, or cannot be used any more"
            changes = [known if last else "never run"]
        explained.append(_explanation(job, entry, changes, str(stores.folder.path)))
    return explained


def _explanation(
    job: execute.Job, entry: Entry | None, changes: Sequence[str], folder: str
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


def _changes(job: execute.Job, old: Parts, state: str) -> Iterator[str]:
    """Name the parts that differ from those of the last result."""
    new = job.parts
    yield from _changed_cells(job, old.cells)
    yield from _changed_names("saved function ", old.saved, new.saved)
    if state == "fresh":
        yield from _changed_packages(old.packages, new.packages)
        yield from _changed_value("Python", old.python, new.python)
    else:
        yield f"environment is {state}"
    yield from _changed_names("data file ", old.data, new.data)
    yield from _changed_names("environment variable ", old.variables, new.variables)
    yield from _changed_value("device", old.device, new.device)
    yield from _changed_value("result format", str(old.format), str(new.format))


def _changed_cells(job: execute.Job, old: Sequence[str]) -> Iterator[str]:
    new = job.parts.cells
    code = [cell for cell in job.notebook.cells if cell.cell_type == "code"]
    matcher = difflib.SequenceMatcher(None, list(old), list(new), autojunk=False)
    for kind, first, last, start, stop in matcher.get_opcodes():
        if kind == "equal":
            continue
        for at in range(start, stop):
            position = code[at].metadata["origin_pos"]
            line = job.section.cells[position].line
            added = " is new" if at - start >= last - first else ""
            yield f"cell {at + 1} ({where(job.section.path, line)}){added}"
        for at in range(first + stop - start, last):
            yield f"cell {at + 1} of the last run is gone"


def _changed_names(
    kind: str, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[str]:
    names = dict.fromkeys([*new, *old])
    changed = [name for name in names if old.get(name) != new.get(name)]
    for name in changed:
        word = " is new" if name not in old else " is gone" if name not in new else ""
        own = name if name.startswith("imports of ") else kind + name
        yield own + word
    if not changed and kind.startswith("saved") and list(old) != list(new):
        yield "order of the saved functions"


def _changed_packages(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"package {name} {new[name]} is new"
        elif name not in new:
            yield f"package {name} is gone"
        else:
            yield from _changed_value(f"package {name}", old[name], new[name])


def _changed_value(kind: str, old: str, new: str) -> Iterator[str]:
    if old != new:
        yield f"{kind} {old} -> {new}"
