"""What the open pages are told: which site there is now, and what went wrong."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bookkit.serve.notes import Told

#: Content of one page or style or script, by its name in the site.
Digests = Mapping[str, str]

_READ = {".html", ".css", ".js", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp"}


def read_site(folder: Path) -> Digests:
    """Digest what a page of the site shows; files that come and go count as gone."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in _READ:
            with contextlib.suppress(OSError):
                content = hashlib.blake2b(path.read_bytes(), digest_size=16)
                found[path.relative_to(folder).as_posix()] = content.hexdigest()
    return found


def version_of(site: Digests) -> str:
    """Name a site by its content, so that a new server knows an old page; "": none."""
    if "index.html" not in site:
        return ""
    text = "\n".join(f"{name} {digest}" for name, digest in sorted(site.items()))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class State:
    """The site's version, the number of the last build, what it said.

    `doing` says how far the one is that is under way; None: none is.
    """

    version: str = ""
    build: int = 0
    told: Told = Told()
    doing: Mapping[str, object] | None = None
    language: str = "en"


class Board:
    """Holds the state, and wakes whoever follows it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._changed = asyncio.Event()

    def begin(self) -> None:
        """Tell that a save was seen, and a build is under way."""
        self._post(build=self.state.build + 1, doing={})

    def go_on(self, doing: Mapping[str, object]) -> None:
        """Tell how far the build is."""
        self._post(doing=doing)

    def show(self, version: str, told: Told) -> None:
        """Tell which site there is, and what the build said of it so far."""
        self._post(version=version, told=told)

    def end(self, version: str, told: Told) -> None:
        """Tell what a build has come to."""
        self._post(version=version, told=told, doing=None)

    def _post(self, **parts: Any) -> None:
        self.state = replace(self.state, **parts)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def follow(self) -> AsyncIterator[dict[str, object]]:
        """Yield the state, now and whenever it is another."""
        while True:
            changed = self._changed
            yield asdict(self.state)
            await changed.wait()
