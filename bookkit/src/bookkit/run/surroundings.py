"""Where a notebook runs: a folder of its own, with the book's resources around it.

Cells find what d2lbook gives them: `../img/x.png` of a section in a chapter is
`img/x.png` of the book if `resources` names it, and what they put into `../data` lasts
and is there for all notebooks of all tabs. Anything else that they write is gone with
the next run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bookkit.book.config import Config
from bookkit.book.datafiles import place_files
from bookkit.book.inputs import resource_files
from bookkit.files import copy_whole, read_record, write_record

#: In the book's output folder: copies, so that no cell writes into the book itself.
_RESOURCES_NAME = "resources"
#: What cells call the folder of their downloads.
_DATA_NAME = "data"
_RECORD_NAME = ".copied.json"


@dataclass(frozen=True)
class Surroundings:
    """What a notebook has around it.

    `folder` is emptied for each run; in it the notebook lies as deep as in the book,
    at `section`, among what `resources` holds; `../data` is `downloads`. `data` are
    declared files of `root`.
    """

    folder: Path
    section: PurePosixPath
    resources: Path
    downloads: Path
    root: Path
    data: tuple[str, ...] = ()

    @property
    def working(self) -> Path:
        """Return the folder that the notebook's cells run in."""
        return self.folder / self.section.parent

    @property
    def folders(self) -> tuple[Path, ...]:
        """Return the folders of this machine that cells may come to know."""
        return (self.working, self.folder, self.resources, self.downloads, self.root)

    def lay_out(self) -> None:
        """Make it, as if nothing had run there before.

        Raises:
            OSError: a folder cannot be made, or a declared file cannot be copied.
        """
        _make_empty(self.folder)
        self.downloads.mkdir(parents=True, exist_ok=True)
        self._link_resources()
        place_files(self.root, self.data, self.working)

    def _link_resources(self) -> None:
        there, here = self.resources, self.folder
        declared = {PurePosixPath(name).parts[0] for name in self.data}
        for deeper in (*self.section.parent.parts, ""):
            here.mkdir(exist_ok=True)
            taken = {deeper, _RECORD_NAME} if deeper else declared | {_RECORD_NAME}
            links = {path.name: path for path in _entries(there)}
            if deeper or here == self.folder:  # at hand above the notebook
                links.setdefault(_DATA_NAME, self.downloads)
            for name in links.keys() - taken:
                (here / name).symlink_to(links[name])
            there, here = there / deeper, here / deeper


def surroundings_of(
    config: Config, section: PurePosixPath, folder: Path, data: Iterable[str] = ()
) -> Surroundings:
    """Return what a section of the book has around it in a folder of its own."""
    resources = config.output / _RESOURCES_NAME
    downloads = config.downloads
    return Surroundings(folder, section, resources, downloads, config.root, tuple(data))


def place_resources(config: Config) -> Path:
    """Bring the copies of the book's resources up to date, and return their folder.

    Raises:
        OSError: one cannot be copied.
    """
    folder = config.output / _RESOURCES_NAME
    folder.mkdir(parents=True, exist_ok=True)
    wanted = resource_files(config)
    for name in read_record(folder / _RECORD_NAME).get("names", []):
        if name not in wanted:
            with contextlib.suppress(OSError):
                (folder / str(name)).unlink()
    for name in wanted:
        _copy(config.root / name, folder / name)
    write_record(folder / _RECORD_NAME, {"names": sorted(wanted)})
    return folder


def _copy(source: Path, target: Path) -> None:
    """Copy a file with its time, which tells later whether either has changed."""
    state = source.stat()
    with contextlib.suppress(OSError):
        there = target.stat()
        if (there.st_size, there.st_mtime_ns) == (state.st_size, state.st_mtime_ns):
            return
    copy_whole(source, target)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
    target.chmod(0o444)


def _entries(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.is_dir():  # a cell has locked it, or a folder in it
        for path in (folder, *folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
