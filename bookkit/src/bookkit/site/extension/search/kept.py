"""What each page says, kept from build to build: most builds read few pages.

Sphinx saves its environment before references are resolved, so a page's text as its
reader sees it has to be kept beside it. A page that is missing here is found out
again, whatever the reason.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bookkit.files import write_whole
from bookkit.site.extension.search.blocks import Place

_NAME = "bookkit-search.json"
#: Of the content; another version's is not read.
_FORMAT = 1


class KeptPlaces(dict[str, list[Place]]):
    """The places of every page, by the name of the page."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        super().__init__(_read(self._path))
        self._before = dict(self)

    def save(self, pages: set[str]) -> None:
        """Keep what is known of these pages, whole or not at all."""
        known = {page: self[page] for page in sorted(pages)}
        if known != self._before:
            content = {"format": _FORMAT, "pages": known}
            write_whole(self._path, json.dumps(content, ensure_ascii=False))


def _read(path: Path) -> dict[str, list[Place]]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = content["pages"] if content["format"] == _FORMAT else {}
        return {str(page): _checked(places) for page, places in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _checked(places: Any) -> list[Place]:
    return [
        (anchor, heading, [(tuple(tabs), kind, text) for tabs, kind, text in blocks])
        for anchor, heading, blocks in places
    ]
