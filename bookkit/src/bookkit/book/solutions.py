"""Solutions of exercises: a file for each section, run after it in the same kernel.

A heading of the second level is the number of the exercise that what follows it
solves. Readers see it under the exercise on the page, and in a notebook of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from markdown_it.token import Token

from bookkit.book import d2lbook
from bookkit.book.config import Config
from bookkit.book.markdown import tokens_of
from bookkit.book.source import Section, notebook_of


def run_notebook_of(section: Section, tab: str, config: Config) -> Any | None:
    """Return what a run goes through: a section's cells, then its solutions'."""
    notebook = notebook_of(section, tab, config)
    own = section.solution and notebook_of(section.solution, tab, config)
    if notebook is None or not own:
        return notebook
    added = [d2lbook.copied_cell(cell) for cell in own.cells]
    for cell in added:
        cell.metadata["origin_pos"] += len(section.cells)
    return d2lbook.copied(notebook, [*notebook.cells, *added])


def reader_notebook_of(section: Section, ran: Any) -> Any:
    """Return what ran without the solutions."""
    end = len(section.cells)
    own = [c for c in ran.cells if int(c.metadata["origin_pos"]) < end]
    return d2lbook.copied(ran, own)


def solutions_path(path: PurePosixPath) -> PurePosixPath:
    """Return where the notebook with a section's solutions lies, beside its own."""
    return path.with_name(f"{path.stem}-solutions.md")


def solved(text: str) -> Iterator[tuple[int, str]]:
    """Yield each heading of the second level, with its line, from 1."""
    tokens = tokens_of(text)
    yield from ((line + 1, title) for line, title in _headings(tokens).values())


def exercise_lines(text: str) -> dict[str, int]:
    """Return the number of each exercise of a section's text, and its line, from 1."""
    return {number: line + 1 for line, number in exercises_in(tokens_of(text)).items()}


def exercises_in(tokens: Sequence[Token]) -> dict[int, str]:
    """Return the numbers of the last numbered lists by their lines, from 0."""
    begin = max((line for line, _ in _headings(tokens).values()), default=0)
    return {
        token.map[0]: token.info
        for token in tokens
        if token.type == "list_item_open" and token.level == 1
        if token.map and token.map[0] > begin and token.info
    }


def solutions_in(tokens: Sequence[Token]) -> dict[str, list[Token]]:
    """Return the tokens of each solution by the number of its exercise."""
    heads = [*_headings(tokens).items(), (len(tokens), (0, ""))]
    pairs = zip(heads, heads[1:], strict=False)
    return {number: [*tokens[at + 3 : end]] for (at, (_, number)), (end, _) in pairs}


def _headings(tokens: Sequence[Token]) -> dict[int, tuple[int, str]]:
    """Return line, from 0, and text of each `##`, by its position."""
    return {
        at: (token.map[0], tokens[at + 1].content)
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2" and token.map
    }


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
