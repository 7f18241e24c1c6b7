"""How serious each kind of finding is to this book. Standard library only."""

from __future__ import annotations

import re

from bookkit.book.config.ini import Ini
from bookkit.book.findings import CODES, ERROR, LEVELS, STYLE, STYLE_CODES
from bookkit.errors import or_nearest


def read_levels(ini: Ini) -> dict[str, str]:
    """Return the level of each code: its own one, or what `levels` says of it.

    A later entry has precedence: `all error, BK405 off`.

    Raises:
        ConfigError: an entry is not a code, or `all`, and a level.
    """
    levels = {code: STYLE if code in STYLE_CODES else ERROR for code in CODES}
    for entry in filter(str.strip, re.split(r"[,\n]", ini.get("bookkit", "levels"))):
        code, _, level = entry.strip().partition(" ")
        level = level.strip()
        if code not in (*CODES, "all") or level not in LEVELS:
            form = f"a code, or all, and one of {', '.join(LEVELS)}: `BK112 off`"
            is_code = level in LEVELS
            name, known = (code, tuple(CODES)) if is_code else (level, LEVELS)
            expected = or_nearest(form, name, known)
            raise ini.wrong("bookkit", "levels", expected, f"`{entry.strip()}`")
        levels |= dict.fromkeys(CODES, level) if code == "all" else {code: level}
    return levels
