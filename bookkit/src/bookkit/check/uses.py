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
    for use in uses_in(section.tokens, word):
        for tab in config.tab_names:
            is_shown = not use.tabs or tab in use.tabs or "all" in use.tabs
            cells = _code(config, section, tab) if is_shown else None
            if cells is None or find(use.code, cells) is not None:
                continue
            found = f"`{use.code}` is in no cell" if use.code else "a row without code"
            expected = f"code of a cell that {tab} has, word for word"
            yield Finding("BK312", section.path, use.line + 1, tab, found, expected)


def _code(config: Config, section: Section, tab: str) -> list[str] | None:
    notebook = notebook_of(section, tab, config)
    if notebook is None:
        return None
    return [one.source for one in notebook.cells if one.cell_type == "code"]
