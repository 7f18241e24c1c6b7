"""Which files the book's own store has, and which of them can go."""

from __future__ import annotations

import contextlib
import stat
import time
from pathlib import Path
from typing import NamedTuple

#: A partial file older than this was left by a writer that was killed.
LEFTOVER_S = 86400.0


class Stored(NamedTuple):
    """One file of a store: its bytes, when it was last used, and where it lies."""

    size: int
    used: float
    path: Path = Path()


def files_of(folder: Path, suffix: str = ".json") -> list[Stored]:
    """List files, which lie one folder deep; the last used comes first."""
    found = []
    for path in folder.glob(f"*/*{suffix}"):
        with contextlib.suppress(OSError):  # gone since it was listed
            about = path.lstat()
            if stat.S_ISREG(about.st_mode):
                found.append(Stored(about.st_size, about.st_mtime, path))
    return sorted(found, key=lambda file: -file.used)


def prune(
    folder: Path, max_size: float = float("inf"), max_age_s: float = float("inf")
) -> list[Stored]:
    """Remove entries beyond an age, and the least recently used beyond a size.

    Returns what was removed. What another build removes meanwhile is fine.
    """
    now = time.time()
    gone = [f for f in files_of(folder, ".part") if now - f.used > LEFTOVER_S]
    for leftover in gone:
        _is_removed(leftover)
    size, beyond = 0, []
    for file in files_of(folder):
        size += file.size
        if size > max_size or now - file.used > max_age_s:
            beyond.append(file)
    return [file for file in beyond if _is_removed(file)]


def _is_removed(file: Stored) -> bool:
    try:
        file.path.unlink()
    except OSError:
        return False
    return True
