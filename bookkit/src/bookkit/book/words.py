"""Our own words in a book's language: a room's folder `words`, a file a language."""

from __future__ import annotations

import json
from importlib.resources import files

from bookkit.book.config.sphinx import language_of


def read_words(package: str, language: str) -> dict[str, str]:
    """Return the words of a room, e.g. for `zh` or `zh-cn`; in English what lacks."""
    folder = files(package) / "words"
    words: dict[str, str] = {}
    for name in ("en", language_of(language)):
        file = folder / f"{name}.json"
        if file.is_file():
            words |= json.loads(file.read_text(encoding="utf-8"))
    return words
