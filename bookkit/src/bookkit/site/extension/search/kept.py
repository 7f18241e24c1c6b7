"""What each page says, kept from build to build: most builds read few pages.

Sphinx saves its environment before references are resolved, so a page's text as its
reader sees it has to be kept beside it. A page that is missing here is found out
again, whatever the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bookkit.files import write_whole
from bookkit.site.extension.search.blocks import Place

_NAME = "bookkit-search.json"
#: Of the content; another version's is not read.
_FORMAT = 1


class KeptPlaces:
    """The places of every page, by the name of the page."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._places = _read(self._path)
        self._is_changed = False

    def __contains__(self, page: str) -> bool:
        return page in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __getitem__(self, page: str) -> list[Place]:
        return self._places[page]

    def __setitem__(self, page: str, places: list[Place]) -> None:
        self._places[page] = places
        self._is_changed = True

    def save(self, pages: set[str]) -> None:
        """Keep what is known of these pages, whole or not at all."""
        if not self._is_changed and set(self._places) <= pages:
            return
        self._places = {page: self._places[page] for page in sorted(pages)}
        content = {"format": _FORMAT, "pages": self._places}
        write_whole(self._path, json.dumps(content, ensure_ascii=False))
        self._is_changed = False


def _read(path: Path) -> dict[str, list[Place]]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = content["pages"] if content["format"] == _FORMAT else {}
        return {str(page): _checked(places) for page, places in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _checked(places: Any) -> list[Place]:
    return [
        (
            str(anchor),
            str(heading),
            [
                (tuple(map(str, tabs)), int(kind), str(text))
                for tabs, kind, text in all_
            ],
        )
        for anchor, heading, all_ in places
    ]
