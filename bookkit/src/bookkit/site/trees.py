"""Make one folder of files like another, by content and never by file time."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def same(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same bytes."""
    return other.is_file() and filecmp.cmp(one, other, shallow=False)


def copy_whole(source: Path, target: Path) -> bool:
    """Copy a file whole or not at all; False: it was the same already."""
    if same(source, target):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return True


def mirror(
    source: Path, target: Path, wanted: Callable[[Path], bool] = lambda path: True
) -> list[Path]:
    """Make `target` hold the wanted files of `source` and no others.

    Returns the paths, relative to both, of the files that are new or other.
    """
    files = {
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and wanted(path.relative_to(source))
    }
    changed = [one for one in sorted(files) if copy_whole(source / one, target / one)]
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(target) not in files:
            path.unlink()
    return changed
