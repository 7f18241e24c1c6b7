"""The book's own store: a folder of entries named by their keys.

A file's time of change is its last use, which pruning goes by.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from bookkit.files import write_whole
from bookkit.run.cache.entries import Entry, read_entry

#: In the book's output folder.
FOLDER_NAME = "cache"
log = logging.getLogger(__name__)


def entry_name(key: str) -> str:
    """Return where a store keeps an entry, relative to the store."""
    return f"{key[:2]}/{key}.json"


@dataclass
class Folder:
    """A folder of results; one notice says that it cannot be read, one written."""

    path: Path
    _reported: set[str] = field(default_factory=set)

    def get(self, key: str, touch: bool = True) -> Entry | None:
        """Return the entry of a key; None if there is none to be trusted."""
        path = self.path / entry_name(key)
        try:
            entry = read_entry(path.read_bytes(), key)
        except FileNotFoundError:
            return None
        except (ValueError, IsADirectoryError) as error:
            log.warning("cache entry %s ignored: %s", path, error)
            return None
        except OSError as error:
            self._report("read", error)
            return None
        if touch:
            with contextlib.suppress(OSError):  # a store that is only read
                os.utime(path)
        return entry

    def put(self, entry: Entry) -> None:
        """Keep an entry, in place of whatever has its name."""
        path = self.path / entry_name(entry.parts.key)
        try:
            if path.is_dir():
                shutil.rmtree(path)
            write_whole(path, entry.to_text())
        except OSError as error:
            self._report("written", error)

    def _report(self, what: str, error: OSError) -> None:
        if what not in self._reported:
            self._reported.add(what)
            log.warning("results in %s cannot be %s: %s", self.path, what, error)
