"""Tables of what a reader may want, `我想…`, and which code does it, row by row.

The page leads from each row to the cell that has its code, and `check` finds rows whose
code no cell has: both ask here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bookkit.book.words import read_words

_RULE = re.compile(r"^\|?[\s:|-]+\|?$")
_CODE = re.compile(r"(`+)(.+?)\1")


@dataclass(frozen=True)
class Use:
    """One row: its line in the text, from 0, and its code; empty: it has none."""

    line: int
    code: str


def word_of(language: str) -> str:
    """Return the word that heads such tables in a language, e.g. `我想`."""
    return read_words(__package__, language)["uses"]


def is_header(text: str, word: str) -> bool:
    """Tell whether a table's first header is this word, `…` aside."""
    return text.strip().rstrip("….") == word


def uses_in(text: str, word: str) -> Iterator[Use]:
    """Yield the rows of such tables in Markdown."""
    lines = [line.strip() for line in text.split("\n")]
    inside = False
    for at, line in enumerate(lines):
        if not line.startswith("|"):
            inside = False
        elif inside and not _RULE.match(line):
            code = _CODE.search(line.strip("|").partition("|")[2])
            yield Use(at, code[2].strip() if code else "")
        elif not inside and is_header(line.strip("|").partition("|")[0], word):
            inside = True


def find(code: str, cells: Iterable[str]) -> int | None:
    """Return which of these cells is the first to have a row's code, from 0.

    It must stand there word for word, however its lines are broken.
    """
    wanted = "".join(code.split())
    for at, cell in enumerate(cells):
        if wanted and wanted in "".join(cell.split()):
            return at
    return None
