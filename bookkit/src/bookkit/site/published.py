"""Addresses that readers have, and what became of them.

A file beside `config.ini` lists what was published: pages, and places on pages. A place
that is gone is told of; whoever followed an address would stand before nothing.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterable
from pathlib import Path

from bookkit.book.config import Config
from bookkit.errors import SiteError, explain
from bookkit.files import write_whole
from bookkit.site.sphinx_internals import OWN_PAGES

NAME = "published-addresses.txt"
RENEW = "bookkit addresses --accept"
_HEAD = (
    f"# Addresses of the last release, which readers may have kept. Renew: {RENEW}\n"
)
_ARTICLE = re.compile(r"<article\b.*</article>", re.S)
_ID = re.compile(r'<[a-z][^<>]*\bid="([^"]+)"')
# Not to be kept: the page's own machinery, ways back from notes and works, and numbers,
# which move when something is added above.
_NOT_KEPT = re.compile(r"bk-|furo-|cited-|note-.*-from\b|(?:cell|exercise)-s?\d+$")


def addresses_in(site: Path, pages: Iterable[str] | None = None) -> set[str]:
    """Return the addresses of a site, or of some of its pages.

    Examples: `chapter/gpu.html`, `chapter/gpu.html#sec-gpu`.
    """
    if pages is None:
        found = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
        pages = [one for one in found if one[0] != "_" and one not in OWN_PAGES]
    return {address for page in pages for address in _of_page(site, page)}


def _of_page(site: Path, page: str) -> Iterable[str]:
    path = site / page
    if not path.is_file():
        return
    yield page
    article = _ARTICLE.search(path.read_text(encoding="utf-8"))
    for name in _ID.findall(article[0]) if article else ():
        if not _NOT_KEPT.match(name):
            yield f"{page}#{html.unescape(name)}"


def published(root: Path) -> dict[str, int]:
    """Return the addresses of the last release, each with its line in the file."""
    path = root / NAME
    if not path.is_file():
        return {}
    rows = path.read_text(encoding="utf-8").splitlines()
    return {row: at for at, row in enumerate(rows, 1) if row and row[0] != "#"}


def missing(config: Config, pages: Iterable[str] | None = None) -> list[str]:
    """Say which published addresses lead nowhere now, on all pages or on some."""
    known = published(config.root)
    if not known:
        return []
    wanted = None if pages is None else {*pages}
    now = addresses_in(config.output / "html", wanted)
    gone = [
        one
        for one in known
        if one not in now and (wanted is None or one.partition("#")[0] in wanted)
    ]
    new = now - {*known}
    return [_told(known[one], one, new) for one in gone]


def _told(line: int, address: str, new: set[str]) -> str:
    page, _, name = address.partition("#")
    remedy = f"keep the page; or give it up: {RENEW}"
    if name:
        near = {one.partition("#")[2] for one in new if one.startswith(f"{page}#")}
        likely = difflib.get_close_matches(name, near, n=1, cutoff=0.3)
        where = f"#{likely[0]}" if likely else "the heading that is there now"
        remedy = f"write :label:`{name}` below {where}; or give it up: {RENEW}"
    return explain(f"{NAME}:{line}", f"{address} leads nowhere", "", remedy)


def demand(config: Config) -> None:
    """Compare the site with what was published.

    Raises:
        SiteError: an address is gone; all of them are in the text.
    """
    told = missing(config)
    if told:
        noun = "address leads" if len(told) == 1 else "addresses lead"
        text = f"{len(told)} published {noun} nowhere"
        raise SiteError("\n".join([*told, text]))


def accept(config: Config) -> Path:
    """Make the addresses of the site the published ones."""
    rows = sorted(addresses_in(config.output / "html"))
    write_whole(config.root / NAME, _HEAD + "".join(f"{row}\n" for row in rows))
    return config.root / NAME
