"""Compiled modules, shared by environments with the same packages and Python.

Compiling what a framework imports takes longer than installing it. Python looks at the
source's size and time before it believes such a file, and uv's files have their times
from its cache, beside which these are kept: `uv cache prune` removes both.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path


def take(store: Path, site: Path) -> bool:
    """Link what is kept into a new environment; False: there is nothing, or no way."""
    with contextlib.suppress(OSError):
        return _link(store, site) > 0
    return False


def keep(site: Path, store: Path) -> None:
    """Keep what an environment has compiled, whole or not at all."""
    new = store.with_name(f".{os.getpid()}-{store.name}")
    with contextlib.suppress(OSError):  # another disk, no links, or others were first
        _link(site, new)
        new.rename(store)
    shutil.rmtree(new, ignore_errors=True)


def _link(source: Path, target: Path) -> int:
    paths = list(source.rglob("*.pyc"))
    for path in paths:
        there = target / path.relative_to(source)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.hardlink_to(path)
    return len(paths)
