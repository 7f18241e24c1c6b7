"""Solutions on a page: folded, each under its exercise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bookkit.book.config import Config
from bookkit.book.solutions import exercise_lines, exercises_of, solutions_of
from bookkit.book.source import Section, notebook_of, parse_section
from bookkit.book.words import read_words
from bookkit.site.extension import base

_FOLD = """
<details class="bk-solution">
<summary>{summary}</summary>
"""


def page_notebooks(
    config: Config, section: Section, ran: Mapping[str, Any | None]
) -> Mapping[str, Any | None]:
    """Return the notebooks of a page, by tab; they are given as they ran."""
    if section.solution is None or not exercise_lines(section.text):
        return ran
    words = read_words(base.__name__, config.language)
    fold = _FOLD.format(summary=words["solution"])
    text, theirs = _woven(section.text, section.solution.text, fold)
    page = parse_section(config, section.path, text)
    found: dict[str, Any | None] = {}
    for tab, whole in ran.items():
        # Nobody else has the page that was parsed here: its notebooks need no copy
        found[tab] = placed = notebook_of(page, tab, config) if whole else None
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
    made = text.rstrip("\n").split("\n")[
        : next(iter(exercise_lines(text).values())) - 1
    ]
    theirs: set[int] = set()
    solved = solutions_of(solutions)
    for number, exercise in exercises_of(text).items():
        made += exercise.split("\n")
        if number in solved:
            before = len(made)
            made += f"{fold}\n{solved[number]}\n\n</details>\n".split("\n")
            theirs |= set(range(before + 1, len(made) + 1))
    return "\n".join(made) + "\n", theirs
