"""The pictures that a text shows, in Markdown or HTML, and where their files are."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from markdown_it.token import Token

from bookkit.book.places import parts_of


@dataclass(frozen=True)
class Picture:
    """A picture of a text: its line, from 1, address, and what it says it shows."""

    line: int
    address: str
    alternative: str


def pictures_of(text: str, tokens: Sequence[Token]) -> Iterator[Picture]:
    """Yield the pictures of a text."""
    for part in parts_of(text, tokens):
        if part.token.type == "image":
            address = unquote(str(part.token.attrs["src"]))
            yield Picture(part.line, address, part.token.content)
        elif part.token.type == "html_inline":
            yield from in_html(part.token.content, part.line)
    for token in tokens:
        if token.type == "html_block" and token.map:
            yield from in_html(token.content, token.map[0] + 1)


def local_path(address: str) -> str | None:
    """Return the path that an address names; None: it is somewhere on the web."""
    try:
        parts = urlsplit(address)
    except ValueError:  # of brackets that hold no number of IPv6: it is nowhere
        return None
    return None if parts.scheme or parts.netloc else named_by(parts.path) or None


def named_by(address: str) -> str:
    """Return the name that is quoted; a zero byte, which no file has, is a sign."""
    return unquote(address).replace("\0", "\N{SYMBOL FOR NULL}")


def file_of(address: str, folder: PurePosixPath) -> PurePosixPath | None:
    """Return the file of the book that an address names from a folder."""
    path = local_path(address)
    if path is None:
        return None
    within = folder / path if not path.startswith("/") else path.lstrip("/")
    return PurePosixPath(posixpath.normpath(within))


def in_html(content: str, line: int) -> Iterator[Picture]:
    """Yield the pictures of HTML that begins in a line."""
    reader = _Images()
    reader.feed(content)
    for row, address, alternative in reader.found:
        yield Picture(line + row - 1, address, alternative)


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "img" and named.get("src"):
            address, said = str(named["src"]), named.get("alt") or ""
            self.found.append((self.getpos()[0], address, said))
