"""Which files are the book: its sections, and everything else that a build reads.

Patterns mean what they mean to d2lbook. Standard library only.
"""

from __future__ import annotations

import functools
import glob
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from bookkit.book import baseline
from bookkit.book.config import CONFIG_NAME, Config
from bookkit.book.config.keys import DEFAULT_OUTPUT
from bookkit.book.files_read import FilesRead
from bookkit.book.links import dark_of, image_paths
from bookkit.book.marks import declared
from bookkit.book.remembered import TEXTS

_IMAGES = frozenset(".png .jpg .jpeg .svg .gif .webp .avif .pdf".split())


def section_files(config: Config) -> list[PurePosixPath]:
    """List the book's sections by name, whether or not a toc leads to them."""
    found = _matching(config.root, config.notebooks)
    found -= _matching(config.root, config.exclusions)
    paths = sorted(map(PurePosixPath, found))
    others = [*_made(config), *filter(None, [config.solutions])]
    return [one for one in paths if not any(map(one.is_relative_to, others))]


def _made(config: Config) -> list[PurePosixPath]:
    """Return the folders of the book in which all is made, by cells too.

    d2lbook's own is one of them under whatever name ours goes today: who gives it
    another one leaves the old folder.
    """
    folders = (config.output, config.environments, config.root / DEFAULT_OUTPUT)
    names = {os.path.relpath(one, config.root) for one in folders}
    return [PurePosixPath(one) for one in names if one.split("/")[0] not in (".", "..")]


def solution_file(config: Config, section: PurePosixPath) -> PurePosixPath | None:
    """Return the file with a section's solutions; None: it has none."""
    path = config.solutions and config.solutions / section
    return path if path and os.path.isfile(config.root / path) else None


def beside(root: Path, name: PurePosixPath | str, *more: str) -> list[str]:
    """List the files in the folder where a file should be, and in some more."""
    folders = {root / PurePosixPath(name).parent, *(root / one for one in more)}
    found = [
        one for folder in folders if os.path.isdir(folder) for one in folder.iterdir()
    ]
    return [str(one.relative_to(root)) for one in found if os.path.isfile(one)]


def resource_files(config: Config) -> list[str]:
    """List the files of the book that `resources` names."""
    return _of_the_book(config, config.resources)


def dependency_files(config: Config) -> list[str]:
    """List the files of the book that `dependencies` names: results depend on them."""
    return _of_the_book(config, config.dependencies)


def _of_the_book(config: Config, patterns: Iterable[str]) -> list[str]:
    found = _matching(config.root, patterns)
    return sorted(name for name in found if is_of_the_book(config, name))


def is_of_the_book(config: Config, name: str) -> bool:
    """Tell whether a path leads to a place of the book in which nothing is made."""
    folders = (config.output, config.environments)
    made = [os.path.relpath(path, config.root) for path in folders]
    return is_inside(config.root, name) and not is_below(name, made)


def is_inside(root: Path, name: str) -> bool:
    """Tell whether a path leads, links included, to a place of the book."""
    pure = PurePosixPath(name)
    if not name or pure.is_absolute() or ".." in pure.parts:
        return False
    try:
        real = os.path.realpath(root / pure)
    except ValueError:  # a zero byte
        return False
    return Path(real).is_relative_to(os.path.realpath(root))


def is_below(name: str, folders: Iterable[str]) -> bool:
    """Tell whether a file is one of some files or lies in one of some folders."""
    return any(name == one or name.startswith(f"{one}/") for one in folders)


def input_files(config: Config) -> set[str]:
    """Return every file that a build reads, relative to the book; some may be missing.

    They are the sections, what these show and declare, what their cells were seen to
    read, pictures beside them, and what config.ini names. Environments and the library
    are asked elsewhere.
    """
    root = config.root
    sections = section_files(config)
    sections += filter(None, [solution_file(config, path) for path in sections])
    found = {str(path) for path in sections} | _matching(root, config.further)
    locks = [f"{name}.txt" for name in ("build", *(tab.name for tab in config.tabs))]
    found |= {os.path.relpath(config.locks / name, root) for name in locks}
    found |= {CONFIG_NAME, config.bibfile or CONFIG_NAME, "pyproject.toml"}
    found |= {baseline.NAME} | FilesRead(config).every()
    for path in sections:
        found |= _mentioned(root, path)
    # reStructuredText in a section may show them, too
    folders = {path.parent for path in sections} - {PurePosixPath()}
    found |= _matching(root, ("*", *(f"{folder}/**" for folder in folders)), _IMAGES)
    return found


def _mentioned(root: Path, section: PurePosixPath) -> frozenset[str]:
    """Return the pictures and the data files that a section names."""
    try:
        state = (root / section).stat()
    except OSError:
        return frozenset()
    return _read_mentioned(root, section, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=TEXTS)
def _read_mentioned(root: Path, section: PurePosixPath, *_: int) -> frozenset[str]:
    try:
        text = (root / section).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    pictures = image_paths(section, text)
    named = [str(one) for one in (*pictures, *map(dark_of, pictures))]
    return frozenset([*named, *(one for _, one in declared(text) if one)])


def _matching(
    root: Path, patterns: Iterable[str], suffixes: frozenset[str] | None = None
) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        if os.path.isdir(root / pattern):
            pattern = f"{pattern}/**"
        for name in glob.iglob(pattern, root_dir=root, recursive=True):
            fits = suffixes is None or os.path.splitext(name)[1].lower() in suffixes
            if fits and os.path.isfile(root / name):
                found.add(os.path.normpath(name))
    return found
