"""What the system says about memory."""

from __future__ import annotations

from pathlib import Path


def memory_mb(path: str, name: str) -> float | None:
    """Return a figure of a file in /proc; None where the system has none."""
    try:
        rows = Path(path).read_text(encoding="utf-8").splitlines()
        row = next(row for row in rows if row.startswith(f"{name}:"))
        return round(int(row.split()[1]) / 1024, 1)
    except (OSError, StopIteration, ValueError):
        return None
