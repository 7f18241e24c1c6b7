"""Compiled modules, shared by environments with the same packages and Python.

Compiling what a framework imports takes longer than installing it. Python looks at the
source's size and time before it believes such a file, and uv's files have their times
from its cache, beside which these are kept: `uv cache prune` removes both.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def lend(store: Path, site: Path) -> bool:
    """Link what is kept into a new environment; False: there is nothing, or no way."""
    return store.is_dir() and _link(store, site)


def keep(site: Path, store: Path) -> None:
    """Keep what an environment has compiled, whole or not at all."""
    new = store.with_name(f".{os.getpid()}-{store.name}")
    if _link(site, new):
        shutil.rmtree(store, ignore_errors=True)
        new.rename(store)
    shutil.rmtree(new, ignore_errors=True)


def _link(source: Path, target: Path) -> bool:
    try:
        for path in source.rglob("*.pyc"):
            there = target / path.relative_to(source)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.hardlink_to(path)
    except OSError:  # another disk, or one without links: all is compiled anew
        return False
    return True
