"""Tables of what a reader may want, `我想…`, and which code does it, row by row.

The page leads from each row to the cell that has its code, and `check` finds rows whose
code no cell has: both ask here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from bookkit.book.words import read_words


@dataclass(frozen=True)
class Use:
    """One row: its line, from 0, its code, and its tabs; empty: none, and all tabs."""

    line: int
    code: str
    tabs: tuple[str, ...]


def word_of(language: str) -> str:
    """Return the word that heads such tables in a language, e.g. `我想`."""
    return read_words(__package__, language)["uses"]


def is_header(text: str, word: str) -> bool:
    """Tell whether a table's first header is this word, `…` aside."""
    return text.strip().rstrip("….") == word


def uses_in(tokens: Iterable[Token], word: str) -> Iterator[Use]:
    """Yield the rows of such tables of a text."""
    inside, tabs = False, list[str]()
    cells: list[Token] = []
    for token in tokens:
        if token.type in ("tab_begin", "tab_end"):
            tabs = token.meta.get("tabs", []) if token.type == "tab_begin" else []
        elif token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(token)
        elif token.type == "thead_close":
            inside = is_header(cells[0].content, word)
        elif token.type == "tr_close" and inside:
            codes = [
                child.content.strip()
                for cell in cells[1:]
                for child in cell.children or ()
                if child.type == "code_inline"
            ]
            assert cells[0].map
            yield Use(cells[0].map[0], next(iter(codes), ""), tuple(tabs))
        elif token.type == "table_close":
            inside = False


def find(code: str, cells: Iterable[str]) -> int | None:
    """Return which of these cells is the first to have a row's code, from 0.

    It must stand there word for word, however its lines are broken.
    """
    wanted = "".join(code.split())
    for at, cell in enumerate(cells):
        if wanted and wanted in "".join(cell.split()):
            return at
    return None
