"""Solutions on a page: folded, each under its exercise."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from bookkit.book.config import Config
from bookkit.book.solutions import exercise_lines, solved
from bookkit.book.source import Section, notebook_of, parse_section
from bookkit.site.extension.base.book import read_words

_FOLD = """
<details class="bk-solution">
<summary>{summary}</summary>
"""


def page_notebooks(
    config: Config, section: Section, ran: Mapping[str, Any | None]
) -> Mapping[str, Any | None]:
    """Return the notebooks of a page, by tab; they are given as they ran."""
    if section.solution is None:
        return ran
    words = {**read_words("en"), **read_words(config.language)}
    fold = _FOLD.format(summary=words["solution"])
    text, theirs = _woven(section.text, section.solution.text, fold)
    page = parse_section(config, section.path, text)
    found: dict[str, Any | None] = {}
    for tab, whole in ran.items():
        placed = notebook_of(page, tab, config) if whole else None
        found[tab] = placed = copy.deepcopy(placed)
        if whole is None or placed is None:
            continue
        own = len(section.cells)
        code = [cell for cell in whole.cells if cell.cell_type == "code"]
        first = iter([c for c in code if c.metadata["origin_pos"] < own])
        last = iter([c for c in code if c.metadata["origin_pos"] >= own])
        for cell in placed.cells:
            if cell.cell_type == "code":
                line = page.cells[cell.metadata["origin_pos"]].line
                source = next(last if line in theirs else first)
                cell.outputs = source.outputs
                cell.execution_count = source.execution_count
        placed["metadata"] = whole.metadata
    return found


def _woven(text: str, solutions: str, fold: str) -> tuple[str, set[int]]:
    """Return a section's text with its solutions, and which of its lines are theirs."""
    rows, parts = text.rstrip("\n").split("\n"), solutions.rstrip("\n").split("\n")
    heads = [*solved(solutions), (len(parts) + 1, "")]
    chunks = {
        number: parts[line : after - 1]
        for (line, number), (after, _) in zip(heads, heads[1:], strict=False)
    }
    begins = exercise_lines(text)
    ends = [*[line - 1 for line in begins.values()][1:], len(rows)]
    made: list[str] = []
    theirs: set[int] = set()
    done = 0
    for number, end in zip(begins, ends, strict=True):
        made += rows[done:end]
        done, before = end, len(made)
        if number in chunks:
            made += [*fold.split("\n"), *chunks[number], "", "</details>", ""]
            theirs |= set(range(before + 1, len(made) + 1))
    return "\n".join([*made, *rows[done:]]) + "\n", theirs
