"""The rule on formulas: every one can be shown."""

from __future__ import annotations

from collections.abc import Iterator

from bookkit.book.findings import Finding
from bookkit.book.formulas import FormulaError, formulas_in, mathml
from bookkit.check.files import Page

_SHOWN = 60


def check_formulas(page: Page) -> Iterator[Finding]:
    """Yield the formulas of a page that cannot be shown, each at its line."""
    for line, source, is_block in formulas_in(page.text):
        try:
            mathml(source, block=is_block)
        except FormulaError as error:
            whole = " ".join(source.split())
            short = whole if len(whole) <= _SHOWN else f"{whole[: _SHOWN - 1]}…"
            found = f"`{short}`: {error}"
            expected = "LaTeX that MathJax shows, without definitions of commands"
            line += error.line
            yield Finding("BK313", page.path, line, None, found, expected)
