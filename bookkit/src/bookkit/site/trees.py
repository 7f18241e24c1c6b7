"""Mirror a folder, by content and not by file time."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from bookkit.files import copy_whole


def copy_over(source: Path, target: Path) -> bool:
    """Copy a file, replacing whatever is there; return False if it was the same."""
    if target.is_dir():
        shutil.rmtree(target)
    return copy_whole(source, target)


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
    changed = [one for one in sorted(files) if copy_over(source / one, target / one)]
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(target) not in files:
            path.unlink()
    return changed
