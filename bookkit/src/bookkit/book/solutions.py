"""Solutions of exercises: a file for each section, run after it in the same kernel.

A heading of the second level is the number of the exercise that what follows it
solves. Readers see it under the exercise on the page, and in a notebook of its own.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from bookkit.book.config import Config
from bookkit.book.source import Section, notebook_of

_FENCE = re.compile(r"^(`{3,}|~{3,})")
_EXERCISE = re.compile(r"^(\d+)\.\s")
_HEADING = re.compile(r"^##\s+(.*?)\s*$")


def run_notebook_of(section: Section, tab: str, config: Config) -> Any | None:
    """Return what a run goes through: a section's cells, then its solutions'."""
    notebook = notebook_of(section, tab, config)
    own = section.solution and notebook_of(section.solution, tab, config)
    if notebook is None or not own:
        return notebook
    whole, added = copy.copy(notebook), copy.deepcopy(own)
    for cell in added.cells:
        cell.metadata["origin_pos"] += len(section.cells)
    whole["cells"] = [*notebook.cells, *added.cells]
    return whole


def reader_notebook_of(section: Section, ran: Any) -> Any:
    """Return what ran without the solutions."""
    own, end = copy.copy(ran), len(section.cells)
    own["cells"] = [c for c in ran.cells if int(c.metadata["origin_pos"]) < end]
    return own


def solutions_path(path: PurePosixPath) -> PurePosixPath:
    """Return where the notebook with a section's solutions lies, beside its own."""
    return path.with_name(f"{path.stem}-solutions.md")


def solved(text: str) -> Iterator[tuple[int, str]]:
    """Yield each heading of the second level, with its line, from 1."""
    for line, row in _outside_fences(text):
        if heading := _HEADING.match(row):
            yield line, heading[1]


def exercise_lines(text: str) -> dict[str, int]:
    """Return the number of each exercise of a section's text, and its line, from 1."""
    begin = max((line for line, _ in solved(text)), default=0)
    found = ((line, _EXERCISE.match(row)) for line, row in _outside_fences(text))
    return {match[1]: line for line, match in found if match and line > begin}


def exercises_of(text: str) -> dict[str, str]:
    """Return the exercises of a section's text by number, cells included."""
    rows = text.rstrip("\n").split("\n")
    lines = exercise_lines(text)
    ends = [*[line - 1 for line in lines.values()][1:], len(rows)]
    pairs = zip(lines.items(), ends, strict=False)
    return {number: "\n".join(rows[at - 1 : end]) for (number, at), end in pairs}


def solutions_of(text: str) -> dict[str, str]:
    """Return the solutions of a file by the number of their exercise."""
    rows = text.rstrip("\n").split("\n")
    heads = [*solved(text), (len(rows) + 1, "")]
    pairs = zip(heads, heads[1:], strict=False)
    return {number: "\n".join(rows[at : end - 1]) for (at, number), (end, _) in pairs}


def _outside_fences(text: str) -> Iterator[tuple[int, str]]:
    closing = ""
    for line, row in enumerate(text.split("\n"), 1):
        fence = _FENCE.match(row)
        if fence and not closing:
            closing = fence[1]
        elif closing and row.rstrip() == closing:
            closing = ""
        elif not closing:
            yield line, row
