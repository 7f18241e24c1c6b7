"""How often the store had what was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from bookkit.files import read_record, write_record

COUNTERS_NAME = "counters.json"
COUNTERS = ("runs", "local", "shared", "missed")


def read_counters(folder: Path) -> dict[str, int]:
    """Return how many runs there were, and where they found their results."""
    found = read_record(folder / COUNTERS_NAME)
    counted = {name: found.get(name) for name in COUNTERS}
    return {name: n if isinstance(n, int) else 0 for name, n in counted.items()}


def add_counters(folder: Path, more: Mapping[str, int]) -> None:
    """Add a run's figures to those of all before."""
    total = Counter(read_counters(folder)) + Counter(more)
    write_record(folder / COUNTERS_NAME, total)
