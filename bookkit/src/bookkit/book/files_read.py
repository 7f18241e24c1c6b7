"""Which files of the book the last run of each notebook read, beside declared ones.

The runner writes it; whoever asks what a result or the site depends on reads it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bookkit.book.config import Config
from bookkit.errors import where
from bookkit.files import read_record, write_record

#: In the book's output folder.
RECORD_NAME = "files-read.json"


class FilesRead:
    """Names of files, relative to the book, by section and tab."""

    def __init__(self, config: Config) -> None:
        self._path = config.output / RECORD_NAME
        self._rows: dict[str, list[str]] = {
            name: [str(file) for file in files]
            for name, files in read_record(self._path).items()
            if isinstance(files, list)
        }

    def of(self, section: str, tab: str) -> list[str]:
        """Return what the notebook read."""
        return self._rows.get(where(section, tab=tab), [])

    def every(self) -> set[str]:
        """Return what any notebook read."""
        return {name for names in self._rows.values() for name in names}

    def note(self, section: str, tab: str, names: Iterable[str]) -> None:
        """Remember what a notebook has read now."""
        self._rows[where(section, tab=tab)] = sorted(names)

    def save(self) -> None:
        """Write the record whole or not at all."""
        write_record(self._path, {name: row for name, row in self._rows.items() if row})
