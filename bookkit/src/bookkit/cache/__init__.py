"""Content-addressed results: what ran once with the same meaning is not run again.

The key is made of all that can change an output and of nothing else (prose,
other tabs, file times and paths are not in it). An entry that cannot be read
is ignored with a notice, never trusted.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bookkit.cache.parts import Parts, hash_cells, hash_files, hash_texts
from bookkit.files import write_whole
from bookkit.results import Result

__all__ = ["Parts", "Store", "hash_cells", "hash_files", "hash_texts"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """A folder of results named by their keys."""

    folder: Path

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"

    def get(self, key: str) -> Result | None:
        """Return the result under a key, marked as cached; None if there is none."""
        path = self._path(key)
        try:
            entry: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if entry["key"] != key:
                raise ValueError("it belongs to another key")
            return replace(Result.from_json(entry["result"]), cached=True)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("cache entry %s ignored: %s", path, error)
            return None

    def put(self, key: str, result: Result) -> None:
        """Keep a result; a store that cannot be written costs a notice."""
        path = self._path(key)
        entry = {"key": key, "result": result.to_json()}
        try:
            write_whole(path, json.dumps(entry, ensure_ascii=False))
        except OSError as error:
            log.warning("result not kept in %s: %s", self.folder, error)
