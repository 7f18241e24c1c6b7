"""How large the book's own store is, and which entries can go."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: What a killed writer left is nobody's after a day.
LEFTOVER_S = 86400.0


@dataclass(frozen=True)
class Usage:
    """Entries of a store: how many, their bytes, and the ages of two in seconds."""

    entries: int
    size: int
    oldest_s: float | None = None
    newest_s: float | None = None


@dataclass(frozen=True)
class _File:
    path: str
    size: int
    age_s: float


_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_size(text: str) -> int:
    """Read a size such as `500MB`.

    Raises:
        ValueError: it is none.
    """
    match = re.fullmatch(r"([\d.]+)\s*([kmgt]?)b?", text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is no size such as 500MB or 2GB")
    return int(float(match[1]) * _SIZES[match[2]])


def parse_age(text: str) -> float:
    """Read an age such as `30d`, in seconds.

    Raises:
        ValueError: it is none.
    """
    match = re.fullmatch(r"([\d.]+)\s*([smhdw])", text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is no age such as 30d or 12h")
    return float(match[1]) * _AGES[match[2]]


def size_text(size: float) -> str:
    """Word a size, for example `1.2 MB`."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def age_text(age_s: float) -> str:
    """Word an age in its largest whole unit, for example `3 d ago`."""
    for unit in ("d", "h", "m"):
        if age_s >= _AGES[unit]:
            return f"{age_s // _AGES[unit]:.0f} {unit} ago"
    return "just now"


def usage_of(files: Iterable[tuple[int, float]]) -> Usage:
    """Sum up sizes and times of entries."""
    now = time.time()
    return _sum((size, _age(now, used)) for size, used in files)


def _sum(files: Iterable[tuple[int, float]]) -> Usage:
    rows = list(files)
    if not rows:
        return Usage(0, 0)
    ages = [age_s for _, age_s in rows]
    return Usage(len(rows), sum(size for size, _ in rows), max(ages), min(ages))


def usage(folder: Path) -> Usage:
    """Sum up a folder of entries."""
    files = _files(folder, time.time(), ".json")
    return _sum((file.size, file.age_s) for file in files)


def prune(
    folder: Path, max_size: int | None = None, max_age_s: float | None = None
) -> Usage:
    """Remove entries beyond an age, and the least recently used beyond a size.

    Returns what was removed. What another build removes meanwhile is fine.
    """
    now = time.time()
    for leftover in _files(folder, now, ".part"):
        if leftover.age_s > LEFTOVER_S:
            _remove(leftover)
    files = sorted(_files(folder, now, ".json"), key=lambda file: file.age_s)
    size, gone = 0, []
    full = False
    for file in files:
        full = full or (max_size is not None and size + file.size > max_size)
        if full or (max_age_s is not None and file.age_s > max_age_s):
            gone.append(file)
        else:
            size += file.size
    removed = [file for file in gone if _remove(file)]
    return _sum((file.size, file.age_s) for file in removed)


def _files(folder: Path, now: float, suffix: str) -> Iterator[_File]:
    """Yield the entries, which lie one folder deep, with their ages."""
    for inner in _scan(folder):
        with contextlib.suppress(OSError):
            if not inner.is_dir(follow_symlinks=False):
                continue
        for entry in _scan(Path(inner.path)):
            with contextlib.suppress(OSError):  # gone since it was listed
                if entry.name.endswith(suffix) and entry.is_file(follow_symlinks=False):
                    about = entry.stat(follow_symlinks=False)
                    age_s = _age(now, about.st_mtime)
                    yield _File(entry.path, about.st_size, age_s)


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _age(now: float, used: float) -> float:
    """Return an age; a time that lies ahead, by a clock set back, is now."""
    return max(0.0, now - used)


def _remove(file: _File) -> bool:
    try:
        os.unlink(file.path)
    except OSError:
        return False
    return True
