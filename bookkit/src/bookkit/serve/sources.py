"""Which files the book is made of, and that one of them was saved.

Events only say "look again": what counts is that a file's time or size differs, so
nothing is lost where the system drops events or has none.
"""

from __future__ import annotations

import asyncio
import configparser
import contextlib
import fnmatch
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from watchfiles import awatch

from bookkit.book.config import CONFIG_NAME, Config, load
from bookkit.book.config.keys import FILE_KEYS
from bookkit.book.datafiles import declared
from bookkit.errors import BookkitError
from bookkit.kernels.environments import environment_of

log = logging.getLogger(__name__)

#: Time and size of every file of the book, by its name.
Snapshot = Mapping[str, tuple[int, int]]

_IMAGES = frozenset(".png .jpg .jpeg .svg .gif .webp .avif .pdf".split())
#: What editors leave beside a file while they write it; hidden files are ignored too.
_SCRATCH = re.compile(r".*~|#.*#|.*\.(swp|swx|swo|tmp|part|bak)|4913|.*___jb_\w+___")
_SKIPPED = frozenset({"__pycache__", "node_modules"})
#: Without an event, files are looked at this often.
_LOOK_AGAIN_MS = 2000


class Sources:
    """The files of the book in a folder, as its config.ini says at the moment."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._declared: dict[tuple[str, int, int], tuple[str, ...]] = {}

    def snapshot(self) -> Snapshot:
        """Return time and size of every file of the book."""
        with contextlib.suppress(BookkitError):  # the build will tell
            self._config = load(self._config.root)
        found = {name: stamp for name, stamp in self._files() if stamp is not None}
        book = _Names(self._config)
        sections = {name for name in found if book.is_section(name)}
        folders = {str(PurePosixPath(name).parent) for name in sections}
        data = {one for name in sections for one in self._data(name, found[name])}
        return {
            name: stamp
            for name, stamp in found.items()
            if name in sections
            or name in data
            or book.names(name)
            or _is_image_of(folders, name)
        }

    def folders(self) -> list[Path]:
        """List the folders that hold sources, or could."""
        return [folder for folder, _ in self._walk()]

    def _walk(self) -> Iterator[tuple[Path, list[str]]]:
        config = self._config
        made = {config.output, config.environments}
        made |= {tab.library.parent for tab in config.all_tabs if tab.library}
        made -= {config.root}
        for at, folders, files in os.walk(config.root):
            folder = Path(at)
            folders[:] = sorted(
                name
                for name in folders
                if name[0] != "." and name not in _SKIPPED and folder / name not in made
            )
            yield folder, files

    def _files(self) -> Iterator[tuple[str, tuple[int, int] | None]]:
        root = self._config.root
        for folder, files in self._walk():
            for name in files:
                if name[0] != "." and not _SCRATCH.fullmatch(name):
                    path = folder / name
                    yield path.relative_to(root).as_posix(), _stamp(path)

    def _data(self, name: str, stamp: tuple[int, int]) -> tuple[str, ...]:
        """Return the data files that a section declares; read when it is new."""
        key = (name, *stamp)
        if key not in self._declared:
            text = ""
            with contextlib.suppress(OSError):
                text = (self._config.root / name).read_text("utf-8", "replace")
            self._declared[key] = tuple(one for _, one in declared(text))
        return self._declared[key]


class _Names:
    """The names in config.ini as patterns."""

    def __init__(self, config: Config) -> None:
        self._sections = _pattern(config.notebooks)
        self._excluded = _pattern(config.exclusions)
        locks = [tab.lock for tab in config.tabs]
        fixed = [lock for lock in locks if lock.is_relative_to(config.root)]
        self._others = _pattern(
            [
                CONFIG_NAME,
                config.bibfile,
                *_committed(config),
                *(lock.relative_to(config.root).as_posix() for lock in fixed),
                *_further(config.root / CONFIG_NAME),
            ]
        )

    def is_section(self, name: str) -> bool:
        return bool(self._sections.fullmatch(name)) and not self._is_excluded(name)

    def names(self, name: str) -> bool:
        """Tell whether a file, or a folder it is in, is named by a key."""
        path = PurePosixPath(name)
        around = [str(one) for one in (path, *path.parents)]
        return any(self._others.fullmatch(one) for one in around)

    def _is_excluded(self, name: str) -> bool:
        return bool(self._excluded.fullmatch(name))


def _committed(config: Config) -> Iterator[str]:
    """Yield the folders that results are taken from, not those that they go to."""
    for tab in config.tabs:
        if tab.kept and environment_of(tab).unavailable():
            yield tab.kept.relative_to(config.root).as_posix()


def _further(path: Path) -> Iterator[str]:
    parser = configparser.RawConfigParser()
    with contextlib.suppress(configparser.Error, OSError, UnicodeDecodeError):
        parser.read(path, encoding="utf-8")
    for section, key in FILE_KEYS:
        for word in re.split(r"[\s,]+", parser.get(section, key, fallback="")):
            yield word.strip("/")


def _pattern(globs: Sequence[str]) -> re.Pattern[str]:
    """Turn globs into one expression; a `*` stays in its folder, `**/` does not."""
    found = []
    for glob in filter(None, globs):
        parts = glob.removeprefix("./").split("/")
        rows = ["(?:[^/]+/)*" if part == "**" else _row(part) + "/" for part in parts]
        found.append("".join(rows).removesuffix("/"))
    return re.compile("|".join(f"(?:{one})" for one in found) or r"(?!)")


def _row(part: str) -> str:
    # Its end is written \Z, from Python 3.14 on \z
    inner = re.sub(r"^\(\?s:|\)\\[Zz]$", "", fnmatch.translate(part))
    return inner.replace(".*", "[^/]*")


def _is_image_of(folders: set[str], name: str) -> bool:
    path = PurePosixPath(name)
    if path.suffix.lower() not in _IMAGES:
        return False
    return any(str(one) in folders and str(one) != "." for one in path.parents) or (
        str(path.parent) == "."
    )


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


async def watch(sources: Sources) -> AsyncIterator[None]:
    """Yield whenever something may have been saved, and now and then anyway."""
    polling: bool | None = None
    while True:
        folders = sources.folders()
        events = awatch(
            *folders,
            watch_filter=None,
            recursive=False,
            step=50,
            rust_timeout=_LOOK_AGAIN_MS,
            yield_on_timeout=True,
            force_polling=polling,
            ignore_permission_denied=True,
        )
        try:
            async with contextlib.aclosing(events):
                async for _ in events:
                    yield
                    if sources.folders() != folders:
                        break
        except FileNotFoundError:  # a folder went while it was asked for
            await asyncio.sleep(0.2)
        except (OSError, RuntimeError) as error:
            if not polling:
                log.warning("no file events (%s); looking every second instead", error)
            polling = True
            await asyncio.sleep(1)
        yield
