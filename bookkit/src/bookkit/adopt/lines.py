"""Values put into `config.ini` as text, so that all else in it stays as it is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping


def with_values(text: str, values: Mapping[tuple[str, str], str]) -> str:
    """Return the text with these values, each below its section's name.

    A key that stands there without a value gets it in its place.
    """
    for (section, key), value in values.items():
        text = _with_value(text, section, f"{key} = {value}\n", key)
    return text


def _with_value(text: str, section: str, row: str, key: str) -> str:
    rows = text.splitlines(keepends=True)
    names = [at for at, one in enumerate(rows) if one.strip() == f"[{section}]"]
    if not names:
        gap = "" if text.endswith("\n") or not text else "\n"
        return f"{text}{gap}\n[{section}]\n{row}"
    start = names[0] + 1
    ends = (at for at in range(start, len(rows)) if rows[at].startswith("["))
    empty = re.compile(rf"{re.escape(key)}\s*[=:]\s*$", re.I)
    for at in range(start, next(ends, len(rows))):
        if empty.match(rows[at]):
            return "".join([*rows[:at], row, *rows[at + 1 :]])
    head = rows[:start]
    if not head[-1].endswith("\n"):
        head[-1] += "\n"
    return "".join([*head, row, *rows[start:]])


def difference(before: str, after: str, name: str) -> Iterator[str]:
    """Yield the lines of a unified diff."""
    old, new = before.splitlines(), after.splitlines()
    yield from difflib.unified_diff(old, new, name, name, lineterm="", n=1)
