"""Our own words, a file for each language; what one lacks is said in English."""

from __future__ import annotations

import json
from importlib.resources import files

_WORDS = files("bookkit.site") / "extension" / "base" / "words"


def read_words(language: str) -> dict[str, str]:
    """Return our own words in a language, e.g. `zh`; none where we lack it."""
    file = _WORDS / f"{language}.json"
    if not file.is_file():
        return {}
    words: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return words


def all_words(language: str) -> dict[str, str]:
    """Return all of our words in a language, as `zh` or `zh_CN` names it."""
    short = language.replace("-", "_").partition("_")[0]
    return {**read_words("en"), **read_words(short)}
