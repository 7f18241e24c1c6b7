"""What the last result of each notebook depended on, and how often a store helped.

Two small files beside the entries. Losing one costs an explanation or a figure.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookkit.files import write_whole
from bookkit.run.cache.parts import Parts

log = logging.getLogger(__name__)

LEDGER_NAME = "last-results.json"
COUNTERS_NAME = "counters.json"
COUNTERS = ("runs", "local", "shared", "missed")


@dataclass(frozen=True)
class Last:
    """The last result of a notebook, without its outputs."""

    parts: Parts
    status: str
    seconds: float
    made: str


class Ledger:
    """The last results by section and tab."""

    def __init__(self, path: Path) -> None:
        self._path = path
        content = _read(path)
        rows = content.get("results") if content.get("format") == 1 else {}
        self._rows: dict[str, dict[str, Any]] = rows if isinstance(rows, dict) else {}

    def last(self, section: str, tab: str) -> Last | None:
        """Return a notebook's last result; None if it never ran, or none is known."""
        try:
            row = self._rows[section][tab]
            parts = Parts.from_json(row["parts"])
            seconds = float(row["seconds"])
            return Last(parts, str(row["status"]), seconds, str(row["made"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def note(self, section: str, tab: str, last: Last) -> None:
        """Remember a notebook's result as the last one."""
        row = {
            "key": last.parts.key,
            "status": last.status,
            "seconds": last.seconds,
            "made": last.made,
            "parts": last.parts.to_json(),
        }
        known = self._rows.get(section)
        self._rows[section] = {**(known if isinstance(known, dict) else {}), tab: row}

    def save(self) -> None:
        """Write the ledger whole or not at all."""
        _write(self._path, {"format": 1, "results": self._rows})


def read_counters(folder: Path) -> dict[str, int]:
    """Return how many runs there were, and where they found their results."""
    content = _read(folder / COUNTERS_NAME)
    counted = {name: content.get(name) for name in COUNTERS}
    return {
        name: count if isinstance(count, int) and count >= 0 else 0
        for name, count in counted.items()
    }


def add_counters(folder: Path, more: Mapping[str, int]) -> None:
    """Add a run's figures to those of all before."""
    counted = read_counters(folder)
    total = {name: count + more.get(name, 0) for name, count in counted.items()}
    _write(folder / COUNTERS_NAME, total)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    try:
        write_whole(path, json.dumps(content, indent=1))
    except OSError as error:
        log.info("%s not written: %s", path, error)
