"""What a section leads to: the pages of its ` ```toc ` blocks, and its pictures.

Read line by line and not with d2lbook, whose reader fails on a page with any
problem and does not return from a toc that leads back to itself. Standard library
only.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bookkit.errors import SourceError, explain, where

TOC = re.compile(r"^(`{3,})\s*\{?\.?toc\b.*?$\n(.*?)^\1\s*$", re.M | re.S)
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Toc:
    """One toc: its entries with their lines, and whether it numbers them."""

    entries: tuple[tuple[int, str], ...]
    numbered: bool


def read_tocs(text: str) -> Iterator[Toc]:
    """Yield the tocs of a page."""
    for block in TOC.finditer(text):
        first = text[: block.start(2)].count("\n") + 1
        rows = [
            (line, row.strip())
            for line, row in enumerate(block[2].splitlines(), start=first)
            if row.strip()
        ]
        options = [row for _, row in rows if row.startswith(":")]
        entries = tuple(one for one in rows if one[1] not in options)
        yield Toc(entries, any(row.startswith(":numbered:") for row in options))


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
        if (root / child).is_file():
            yield from walk_toc(root, child, (*above, page))


def image_paths(section: PurePosixPath, text: str) -> list[PurePosixPath]:
    """Return the pictures of a section's text, relative to the book."""
    return [
        PurePosixPath(posixpath.normpath(section.parent / name))
        for name in _IMAGE.findall(text)
    ]


def dark_of(picture: PurePosixPath) -> PurePosixPath:
    """Return where the picture for dark pages lies, if there is one."""
    return picture.with_stem(f"{picture.stem}-dark")
