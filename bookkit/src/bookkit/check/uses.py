"""The rule on tables `我想… → 代码`: each row's code is code of the section."""

from __future__ import annotations

from collections.abc import Iterator

from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.source import Section, notebook_of
from bookkit.book.uses import find, uses_in, word_of


def check_uses(config: Config, section: Section) -> Iterator[Finding]:
    """Find rows whose code is in no cell of a tab that shows them."""
    word = word_of(config.language)
    for cell in section.cells:
        text = cell.source.strip()
        for use in uses_in(text, word) if cell.kind == "markdown" else ():
            for tab in config.tab_names:
                cells = _code(config, section, tab) if cell.shown_in(tab) else None
                if cells is None or find(use.code, cells) is not None:
                    continue
                found = (
                    f"`{use.code}` is in no cell" if use.code else "a row without code"
                )
                expected = f"code of a cell that {tab} has, word for word"
                line = cell.line + use.line
                yield Finding("BK312", section.path, line, tab, found, expected)


def _code(config: Config, section: Section, tab: str) -> list[str] | None:
    notebook = notebook_of(section, tab, config)
    if notebook is None:
        return None
    return [one.source for one in notebook.cells if one.cell_type == "code"]
