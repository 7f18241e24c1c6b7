"""Which page leads to which: the ` ```toc ` blocks of a book.

Read line by line and not with d2lbook, whose reader fails on a page with any
problem and does not return from a toc that leads back to itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from bookkit.errors import SourceError, explain, where

_TOC = re.compile(r"^(`{3,})\s*\{?\.?toc\b.*?$\n(.*?)^\1\s*$", re.M | re.S)


def toc_entries(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, entry) of each page that a page's toc names."""
    for block in _TOC.finditer(text):
        first = text[: block.start(2)].count("\n") + 1
        for line, row in enumerate(block[2].splitlines(), start=first):
            if row.strip() and not row.strip().startswith(":"):
                yield line, row.strip()


def walk_toc(
    root: Path, page: PurePosixPath, above: tuple[PurePosixPath, ...] = ()
) -> Iterator[PurePosixPath]:
    """Yield a page and all below it in reading order; what has no file is left out.

    Raises:
        SourceError: a toc leads back to a page above it.
    """
    yield page
    text = (root / page).read_text(encoding="utf-8", errors="replace")
    for line, entry in toc_entries(text):
        child = PurePosixPath(os.path.normpath(page.parent / f"{entry}.md"))
        if child in (*above, page):
            found = f"the toc leads back to {child}"
            raise SourceError(explain(where(page, line), found, "a tree of pages"))
        if (root / child).is_file():
            yield from walk_toc(root, child, (*above, page))
