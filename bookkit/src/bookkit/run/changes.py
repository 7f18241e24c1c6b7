"""Which parts of a notebook differ from those of an earlier result, in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import PurePosixPath

from bookkit.errors import where
from bookkit.run.cache import Parts
from bookkit.run.plan import Job


def changes(job: Job, old: Parts, state: str) -> Iterator[str]:
    """Name the parts that differ; `state` is that of the tab's environment."""
    new = job.parts
    yield from changes_of_text(job, old, new)
    if state == "fresh":
        yield from _changed_packages(old.packages, new.packages)
        yield from _changed_value("Python", old.python, new.python)
    else:
        yield f"environment is {state}"
    yield from _changed_value("device", old.device, new.device)


def changes_of_text(job: Job, old: Parts, new: Parts) -> Iterator[str]:
    """Name the parts that differ as far as the text decides them."""
    yield from _changed_cells(job, old.cells, new.cells)
    yield from _changed_names("saved function ", old.saved, new.saved)
    yield from _changed_names("data file ", old.data, new.data)
    yield from _changed_names("file ", old.files, new.files)
    yield from _changed_names("environment variable ", old.variables, new.variables)
    yield from _changed_names("setting ", old.settings, new.settings)
    yield from _changed_value("result format", str(old.format), str(new.format))


def first_changed_place(
    job: Job, old: Sequence[str], new: Sequence[str]
) -> tuple[PurePosixPath, int]:
    """Return file and line of the first cell that differs, or of the first one."""
    pairs = list(zip_longest(old, new))
    first = next((at for at, (one, other) in enumerate(pairs) if one != other), 0)
    return _place_of(job, min(first, len(new) - 1))


def _place_of(job: Job, at: int) -> tuple[PurePosixPath, int]:
    code = [cell for cell in job.notebook.cells if cell.cell_type == "code"]
    _, path, cell = job.section.located()[code[at].metadata["origin_pos"]]
    return path, cell.line


def _changed_cells(job: Job, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, list(old), list(new), autojunk=False)
    for kind, first, last, start, stop in matcher.get_opcodes():
        if kind == "equal":
            continue
        for at in range(start, stop):
            added = " is new" if at - start >= last - first else ""
            place = where(*_place_of(job, at))
            yield f"cell {at + 1} ({place}){added}"
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
