"""What runs took last time: for their order, for memory, for honest estimates.

If the file is lost, only these are; it does not decide what is run.
"""

from __future__ import annotations

from pathlib import Path

from bookkit.files import read_record, write_record

#: A notebook that never ran may need as much as a framework with small tensors.
USUAL_PEAK_MB = 600


class History:
    """Seconds and peak memory by name, e.g. `pytorch:chapter/a.md`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, dict[str, float]] = {}
        try:
            for name, row in read_record(path).items():
                self._rows[name] = {key: float(row[key]) for key in row}
        except (ValueError, TypeError):
            self._rows = {}

    def seconds(self, name: str) -> float | None:
        """Return what it took last time; None if it never ran."""
        return self._rows.get(name, {}).get("seconds")

    def peak_mb(self, name: str) -> float:
        """Return the memory it needed, or a usual amount."""
        return self._rows.get(name, {}).get("peak_mb", USUAL_PEAK_MB)

    def note(self, name: str, seconds: float, peak_mb: float | None = None) -> None:
        """Remember one run."""
        self._rows[name] = {"seconds": round(seconds, 3)}
        if peak_mb is not None:
            self._rows[name]["peak_mb"] = round(peak_mb, 1)

    def save(self) -> None:
        """Write the history whole or not at all."""
        write_record(self._path, self._rows)
