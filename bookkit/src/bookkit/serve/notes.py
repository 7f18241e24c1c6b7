"""What a build says, taken apart: what is wrong at which place of which page.

Every message begins with its place (`errors.where`); what belongs to it is indented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from bookkit.book.config import Config

_BEGINS = re.compile(
    r"(?P<path>[^\s:][^:]*\.(?:md|rst|ini|bib|txt|in|json))(?::(?P<line>\d+))?"
    r"(?: \[(?P<tab>[^\]]+)\])?: (?P<said>.*)"
)
#: A page shows no more than this of what one message says, and of all of them.
_MOST_CHARACTERS = 8000
_MOST_NOTES = 300


@dataclass(frozen=True)
class Note:
    """One message: its place, e.g. `a/b.md:12`, and the page that shows it, if any."""

    place: str
    tab: str
    page: str
    said: str
    more: str = ""


@dataclass(frozen=True)
class Told:
    """What a build said; `error` is what belongs to no place, "" where all is well."""

    error: str = ""
    notes: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()


def read_told(config: Config, answer: Mapping[str, Any]) -> Told:
    """Take apart what the building process answered."""
    error, notes = _taken_apart(config, [*answer.get("shown", ()), answer["error"]])
    _, warnings = _taken_apart(config, answer.get("warnings", ()))
    return Told(error, tuple(notes), tuple(warnings))


def _taken_apart(config: Config, texts: Iterable[str]) -> tuple[str, list[Note]]:
    notes: list[Note] = []
    rest: list[str] = []
    for text in texts:
        inside = False
        for row in text.split("\n"):
            begins = _BEGINS.fullmatch(row)
            if begins and len(notes) < _MOST_NOTES:
                notes.append(_note(config, begins))
                inside = True
            elif inside and (row.startswith(" ") or not row):
                more = notes[-1].more
                if len(more) < _MOST_CHARACTERS:
                    notes[-1] = replace(notes[-1], more=f"{more}{row}\n")
            else:
                inside = False
                rest.append(row)
    return "\n".join(rest)[:_MOST_CHARACTERS].strip(), list(_finished(notes))


def _finished(notes: Iterable[Note]) -> Iterator[Note]:
    for one in dict.fromkeys(notes):
        rows = one.more.rstrip().split("\n")
        indent = min((len(r) - len(r.lstrip()) for r in rows if r.strip()), default=0)
        yield replace(one, more="\n".join(row[indent:] for row in rows))


def _note(config: Config, begins: re.Match[str]) -> Note:
    path = begins["path"].removeprefix(f"{config.root}/")
    place = f"{path}:{begins['line']}" if begins["line"] else path
    page = ""
    if path.endswith(".md"):
        file = PurePosixPath(path)
        if config.solutions and file.is_relative_to(config.solutions):
            file = file.relative_to(config.solutions)
        page = str(file.with_suffix(".html"))
    return Note(place, begins["tab"] or "", page, begins["said"])
