"""What the last result of each notebook depended on, to explain what has changed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from bookkit.errors import where
from bookkit.files import read_record, write_record
from bookkit.run.cache.parts import Parts

LEDGER_NAME = "last-parts.json"


class Ledger:
    """The parts of each notebook's last result, in a file beside the entries."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = read_record(path)

    def last(self, section: str, tab: str) -> Parts | None:
        """Return the parts of the last result; None if none is known."""
        try:
            return Parts.from_json(self._rows[where(section, tab=tab)])
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def note(self, section: str, tab: str, parts: Parts) -> None:
        """Remember a notebook's result as the last one."""
        self._rows[where(section, tab=tab)] = dataclasses.asdict(parts)

    def save(self) -> None:
        """Write the ledger whole or not at all."""
        write_record(self._path, self._rows)
