"""Files that a cell declares as its data: `#@data relative/path`.

The path is relative to the book. The file lies at that path in the notebook's
working folder, and its content is part of the result's key.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from bookkit.book.inputs import is_inside
from bookkit.book.marks import declared
from bookkit.book.source import Section
from bookkit.files import copy_whole


def data_files(section: Section, tab: str) -> tuple[str, ...]:
    """Return the files that a section's cells of one tab declare, by name."""
    cells = [cell for cell in section.code if cell.shown_in(tab)]
    names = {name for cell in cells for _, name in declared(cell.source)}
    return tuple(sorted(names - {""}))


def present_data(root: Path, section: Section, tab: str) -> list[str]:
    """Return those of them that are there and of the book: of others BK310 tells."""
    names = data_files(section, tab)
    return [one for one in names if is_inside(root, one) and os.path.isfile(root / one)]


def data_path(root: Path, name: str) -> Path:
    """Return where a declared file lies.

    Raises:
        FileNotFoundError: it is not of the book.
    """
    if not is_inside(root, name):
        raise FileNotFoundError(errno.ENOENT, "data file not in the book", name)
    path = root / name
    if path.exists() and not path.is_file():  # a pipe or a device has no end
        raise FileNotFoundError(errno.ENOENT, "not a regular file", name)
    return path


def place_files(root: Path, names: Iterable[str], folder: Path) -> None:
    """Copy declared files to their paths below a folder.

    Raises:
        OSError: one is missing or not of the book, or cannot be copied.
    """
    for name in names:
        copy_whole(data_path(root, name), folder / name)
