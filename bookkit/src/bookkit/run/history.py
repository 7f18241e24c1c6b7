"""What runs took last time: for their order, for memory, for honest estimates.

Losing the file costs only that; nothing here decides what is run.
"""

from __future__ import annotations

import json
import logging
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bookkit.files import write_whole

log = logging.getLogger(__name__)

#: A notebook that never ran may need as much as a framework with small tensors.
USUAL_PEAK_MB = 600


class History:
    """Seconds and peak memory by name, e.g. `pytorch:chapter/a.md`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, dict[str, float]] = {}
        try:
            found: Any = json.loads(path.read_text(encoding="utf-8"))
            for name, row in found.items():
                self._kept[name] = {key: float(row[key]) for key in row}
        except (OSError, ValueError, TypeError, AttributeError):
            self._kept = {}

    def seconds(self, name: str) -> float | None:
        """Return what it took last time; None if it never ran."""
        return self._kept.get(name, {}).get("seconds")

    def peak_mb(self, name: str) -> float:
        """Return the memory it needed, or a usual amount."""
        return self._kept.get(name, {}).get("peak_mb", USUAL_PEAK_MB)

    def longest_first(self, names: Iterable[str]) -> list[str]:
        """Order names; one that never ran counts as longest."""
        known = {name: self.seconds(name) for name in names}
        return sorted(known, key=lambda name: -(known[name] or float("inf")))

    def expected(self, names: Iterable[str]) -> float | None:
        """Return the seconds of all of them together; None: too little is known.

        What never ran counts as the median of what did, as long as most are known.
        """
        found = [self.seconds(name) for name in names]
        known = [seconds for seconds in found if seconds is not None]
        if len(known) * 2 < len(found) or not known:
            return None
        unknown = len(found) - len(known)
        return sum(known) + unknown * statistics.median(known)

    def note(self, name: str, seconds: float, peak_mb: float | None = None) -> None:
        """Remember one run."""
        row = {"seconds": round(seconds, 3)}
        if peak_mb is not None:
            row["peak_mb"] = round(peak_mb, 1)
        self._kept[name] = row

    def save(self) -> None:
        """Write the history whole or not at all."""
        try:
            write_whole(self._path, json.dumps(self._kept, indent=1))
        except OSError as error:
            log.warning("what the run took is not kept: %s", error)
