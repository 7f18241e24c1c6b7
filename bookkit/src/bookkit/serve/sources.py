"""Which files the book is made of, and that one of them was saved.

Events only say "look again": what counts is that a file's time or size differs, so
nothing is lost where the system drops events or has none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path, PurePosixPath

from watchfiles import awatch

from bookkit.book.config import Config, load
from bookkit.book.inputs import input_files
from bookkit.errors import BookkitError
from bookkit.kernels.environments import environment_of

log = logging.getLogger(__name__)

#: Time and size of every file of the book, by its name.
Snapshot = Mapping[str, tuple[int, int]]

#: What editors leave beside a file while they write it; hidden files are ignored too.
_SCRATCH = re.compile(r".*~|#.*#|.*\.(swp|swx|swo|tmp|part|bak)|4913|.*___jb_\w+___")
_SKIPPED = frozenset({"__pycache__", "node_modules"})
#: Without an event, files are looked at this often.
_LOOK_AGAIN_MS = 2000


class Sources:
    """The files of the book in a folder, as its config.ini says at the moment."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def snapshot(self) -> Snapshot:
        """Return time and size of every file of the book."""
        with contextlib.suppress(BookkitError):  # the build will tell
            self._config = load(self._config.root)
        names = {*input_files(self._config), *_committed(self._config)}
        stamps = {name: _stamp(self._config.root / name) for name in names}
        return {
            name: stamp
            for name, stamp in stamps.items()
            if stamp and not _SCRATCH.fullmatch(PurePosixPath(name).name)
        }

    def folders(self) -> list[Path]:
        """List the folders that hold sources, or could."""
        config, found = self._config, []
        made = {config.output, config.environments}
        made |= {tab.library.parent for tab in config.all_tabs if tab.library}
        made -= {config.root}
        for at, folders, _ in os.walk(config.root):
            found.append(Path(at))
            folders[:] = sorted(
                name
                for name in folders
                if name[0] != "."
                and name not in _SKIPPED
                and found[-1] / name not in made
            )
        return found


def _committed(config: Config) -> Iterator[str]:
    """Yield the results that are taken from the book, not those that go there."""
    for tab in config.tabs:
        if tab.kept and environment_of(tab).unavailable():
            for path in tab.kept.glob("*.json"):
                yield path.relative_to(config.root).as_posix()


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
