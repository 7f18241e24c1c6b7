"""Tables of contents: the pages that a page's ` ```toc ` blocks list."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bookkit.book.markdown import tokens_of
from bookkit.errors import SourceError, explain, where


@dataclass(frozen=True)
class Toc:
    """One toc: its options, e.g. `:numbered:`, and its entries with their lines."""

    options: tuple[str, ...]
    entries: tuple[tuple[int, str], ...]

    @property
    def numbered(self) -> bool:
        """Tell whether the pages below are numbered."""
        return any(option.startswith(":numbered:") for option in self.options)

    @property
    def depth(self) -> int:
        """Return how many levels are numbered; 0: all."""
        own = [one.split() for one in self.options if one.startswith(":numbered:")]
        return int(own[0][1]) if own and own[0][1:] and own[0][1].isdigit() else 0


def fence_name(info: str) -> str:
    """Return what a fence is: `toc`, `eval_rst`, or a language, in braces or not."""
    return info.strip().lstrip("{.").rstrip("}").partition(" ")[0]


def toc_of(content: str, line: int = 1) -> Toc:
    """Return the toc that a fence contains; `line` is that of its first row."""
    rows = [(at, row.strip()) for at, row in enumerate(content.split("\n"), line)]
    options = [row for _, row in rows if row.startswith(":")]
    entries = tuple((at, row) for at, row in rows if row and row not in options)
    return Toc(tuple(options), entries)


def read_tocs(text: str) -> Iterator[Toc]:
    """Yield the tocs of a page."""
    for token in tokens_of(text) if "toc" in text else ():
        if token.type == "fence" and fence_name(token.info) == "toc" and token.map:
            yield toc_of(token.content, token.map[0] + 2)


def page_of(entry: str, page: PurePosixPath) -> PurePosixPath:
    """Return the section that an entry of a page's toc names."""
    return PurePosixPath(posixpath.normpath(page.parent / f"{entry}.md"))


def walk_toc(
    root: Path, page: PurePosixPath, above: tuple[PurePosixPath, ...] = ()
) -> Iterator[PurePosixPath]:
    """Yield a page and all below it in reading order; what has no file is left out.

    Raises:
        SourceError: a toc leads back to a page above it.
    """
    yield page
    text = (root / page).read_text(encoding="utf-8", errors="replace")
    for line, entry in (one for toc in read_tocs(text) for one in toc.entries):
        child = page_of(entry, page)
        if child in (*above, page):
            found = f"the toc leads back to {child}"
            raise SourceError(explain(where(page, line), found, "a tree of pages"))
        if os.path.isfile(root / child):
            yield from walk_toc(root, child, (*above, page))
