"""Which files of the book a notebook reads: told by its kernel, not guessed from code.

Python tells of every file that it opens (`sys.addaudithook`), modules included. Their
names go to a file as they come, so that they are known however the kernel ends. What
other programs open, and libraries from C++, is not told: `#@data` declares it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import source_from_cache
from pathlib import Path

from bookkit.book.inputs import is_below
from bookkit.run.cache import hash_files

#: In place of the hash of a file that changed while the notebook ran.
CHANGED = "changed during the run"
_WATCH = """
def _bookkit_watch(root, told):
    import os, sys
    known, written = set(), os.O_WRONLY | os.O_TRUNC
    def note(event, about):
        if event != "open":
            return
        try:
            path, _, flags = about
            if type(path) is int:
                return
            path = os.path.abspath(os.fsdecode(path))
            if path.startswith(root) and path not in known:
                known.add(path)
                kind = "w" if flags & written else "r"
                os.write(told, os.fsencode(kind + path + "\\0"))
        except Exception:
            pass
    sys.addaudithook(note)
_bookkit_watch({root!r}, __import__("os").open({told!r}, {flags}, 0o600))
del _bookkit_watch
"""


def watch_code(root: Path, told: Path) -> str:
    """Return code that makes a kernel tell in a file what it opens below a folder."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    return _WATCH.format(root=f"{root}{os.sep}", told=str(told), flags=flags)


def files_read(
    root: Path, told: Path, copies: Path, ignored: Iterable[str], began_ns: int
) -> dict[str, str]:
    """Return the files below `root` that were read, with hashes of what they hold.

    What lies in `copies` counts as the same path of `root`; `ignored` are files and
    folders that do not count. A file that changed after `began_ns`, a time in
    nanoseconds, has no hash but `CHANGED`.
    """
    try:
        lines = os.fsdecode(told.read_bytes()).split("\0")
    except OSError:
        return {}
    # What a notebook writes first and then reads is its own.
    found = {_source(line[1:]) for line in lines if line.startswith("r")}
    left_out = tuple(ignored)
    names = {_name(path, root, copies) for path in found}
    names = {name for name in names if not is_below(name, left_out)}
    return {
        name: CHANGED if _time_ns(root / name) > began_ns else hashed
        for name, hashed in hash_files(root, names).items()
        if (root / name).is_file()
    }


def _name(path: str, root: Path, copies: Path) -> str:
    name = os.path.relpath(path, root)
    # The links around a notebook lead to the copies
    real = Path(os.path.realpath(path))
    if real.is_relative_to(os.path.realpath(copies)):
        name = os.path.relpath(real, os.path.realpath(copies))
    return name


def _source(path: str) -> str:
    """Return the module's source for a file that Python has compiled it to."""
    try:
        return source_from_cache(path)
    except (ValueError, NotImplementedError):
        return path


def _time_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
