"""A Sphinx that has got ready for a build that nobody has asked for yet.

To get ready takes longer than to make a page. A process that builds again and again has
one wait for the next build; what is not as it was when it got ready is noticed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bookkit.book.config import load
from bookkit.site.html_pages import SphinxRun
from bookkit.site.pages import Pages

#: What a Sphinx read when it got ready, beside what all pages depend on.
_Key = tuple[object, ...]
_waiting: list[tuple[_Key, SphinxRun]] = []


def get_ready(root: Path, tabs: Sequence[str], verbose: bool) -> None:
    """Have a Sphinx get ready, unless it would read all pages anew."""
    pages = Pages(load(root, tabs))
    if pages.made.html and not _waiting:
        keep(pages, SphinxRun(pages.html, verbose, fresh=True, awaited=True))


def keep(pages: Pages, sphinx: SphinxRun) -> None:
    """Keep one that has begun nothing."""
    _waiting.append((_key(pages, sphinx.verbose), sphinx))


def take(pages: Pages, verbose: bool) -> SphinxRun:
    """Return the one that waits, if it fits, or start another."""
    while _waiting:
        key, sphinx = _waiting.pop()
        if key == _key(pages, verbose) and sphinx.waits:
            return sphinx
        sphinx.stop()
    return SphinxRun(pages.html, verbose, fresh=bool(pages.made.html))


def _key(pages: Pages, verbose: bool) -> _Key:
    # Every build that comes to pages writes this file anew.
    try:
        state = pages.made.path.stat()
    except OSError:
        return (object(),)
    written = state.st_ino, state.st_mtime_ns
    return (verbose, pages.html, pages.made.stamp, bool(pages.made.html), *written)
