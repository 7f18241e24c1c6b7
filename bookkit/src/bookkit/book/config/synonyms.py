"""What readers may type in the search, and what the book calls it.

Standard library only.
"""

from __future__ import annotations

import re

from bookkit.book.config.ini import Ini
from bookkit.errors import ConfigError, explain

#: Phrases of readers, each with the book's own words for it.
Synonyms = tuple[tuple[str, tuple[str, ...]], ...]

_FORM = "`多卡, 多显卡: 多个GPU`: what readers type, and what the book calls it"
_COLON, _COMMA = re.compile("[:：]"), re.compile("[,，、]")


def read_synonyms(ini: Ini) -> Synonyms:
    """Read the file that `synonyms` names; long phrases come before their parts.

    Raises:
        ConfigError: there is no such file, or a line is not phrases, `:` and words.
    """
    name = ini.get("bookkit", "synonyms")
    if not name:
        return ()
    path = ini.path.parent / name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ini.wrong("bookkit", "synonyms", "a text file in UTF-8") from None
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            phrases, words = _split(f"{path}:{number}", line)
            for phrase in phrases:
                first, _ = found.setdefault(phrase.lower(), (number, words))
                if first != number:
                    problem = f"`{phrase}` stands in line {first}, too"
                    raise _wrong(f"{path}:{number}", problem, "each phrase once")
    listed = [(phrase, words) for phrase, (_, words) in found.items()]
    return tuple(sorted(listed, key=lambda one: -len(one[0])))


def _split(place: str, line: str) -> tuple[list[str], tuple[str, ...]]:
    parts = _COLON.split(line)
    lists = [[" ".join(one.split()) for one in _COMMA.split(part)] for part in parts]
    if len(lists) != 2 or not all(all(one) for one in lists):
        raise _wrong(place, f"`{line.strip()}`", _FORM)
    phrases, words = lists
    for word in words:
        if word.lower() in map(str.lower, phrases):
            raise _wrong(place, f"`{word}` on both sides of `:`", _FORM)
    return phrases, tuple(words)


def _wrong(place: str, found: str, expected: str) -> ConfigError:
    return ConfigError(explain(place, found, expected))
