"""Books of a few lines, written to disk by the test that needs them."""

from pathlib import Path
from typing import Any

from bookkit.book import config as configuration
from bookkit.book.source import Section, notebook_of

CONFIG = """\
[project]
name = small
title = A Small Book
[build]
tabs = alpha, beta
notebooks = *.md */*.md
[pdf]
bibfile = small.bib
[library-alpha]
lib_file = small/alpha.py
[library-beta]
lib_file = small/beta.py
"""
INDEX = "# Small\n\n```toc\none\n```\n"


def code(tag: str, *lines: str) -> str:
    """Return one code cell as Markdown, with an empty line after it."""
    return "\n".join(["```{.python .input}", f"#@tab {tag}", *lines, "```", "", ""])


def unexecuted(
    book: configuration.Config, sections: list[Section]
) -> dict[str, dict[str, Any]]:
    """Return what a run would hand over, but for outputs: tab -> path -> notebook."""
    return {
        tab.name: {str(s.path): notebook_of(s, tab.name, book) for s in sections}
        for tab in book.tabs
    }


def write_book(
    root: Path, files: dict[str, str | bytes], config: str = CONFIG
) -> configuration.Config:
    """Write a book and load it; `one.md` is its section unless `files` say more."""
    contents: dict[str, str | bytes] = {
        "config.ini": config,
        "index.md": INDEX,
        "small.bib": "@book{Key.1979, title = {Key}, author = {A}, year = {1979}}\n",
        **files,
    }
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(raw)
    return configuration.load(root)
