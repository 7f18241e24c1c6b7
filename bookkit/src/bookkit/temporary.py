"""The folder for temporary files of one command, which goes with it.

Whatever the command starts writes there too: keys of kernels, sockets, what Sphinx,
pandoc and uv leave. What a command that was killed has left, the next one removes.
Standard library only.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

#: Short, because sockets in it have paths of no more than 104 bytes on some systems.
_NAME = re.compile(r"bookkit-\d+-\w+")


def use() -> None:
    """Have this process and all that it starts write its temporary files there.

    Where no such folder can be made, everything stays as it is.
    """
    with contextlib.suppress(OSError):
        own = folder()
        os.environ["TMPDIR"] = str(own)
        tempfile.tempdir = None


def leave() -> None:
    """Before this process becomes another program, undo `use`."""
    own = Path(os.environ.get("TMPDIR", ""))
    if _NAME.fullmatch(own.name):
        os.environ["TMPDIR"] = str(own.parent)
        tempfile.tempdir = None
        _remove(own, int(own.name.split("-")[1]))


def outside() -> Path:
    """Return the folder that has ours: where programs write that we do not start."""
    base = Path(tempfile.gettempdir())
    return base.parent if _NAME.fullmatch(base.name) else base


@functools.cache
def folder() -> Path:
    """Return the folder of this command; it is made when it is first asked for.

    Raises:
        OSError: it cannot be made.
    """
    base = Path(tempfile.gettempdir())
    if _NAME.fullmatch(base.name):
        return base  # we were started by one that has it
    for path in base.glob("*bookkit-*"):
        if _NAME.fullmatch(path.name.removeprefix("new-")):
            _remove_if_left(path)
    # It has its name when it is held already: others remove what nobody holds.
    made = Path(tempfile.mkdtemp(prefix=f"new-bookkit-{os.getpid()}-", dir=base))
    _hold(made)
    own = base / made.name.removeprefix("new-")
    made.rename(own)
    atexit.register(_remove, own, os.getpid())
    return own


def _hold(path: Path) -> int | None:
    """Lock a folder for as long as this process lives; None: another one has it."""
    opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened


def _remove_if_left(path: Path) -> None:
    """Remove a folder of ours whose owner is gone, here and in other containers."""
    with contextlib.suppress(OSError):
        state = path.lstat()
        being_made = path.name.startswith("new-") and time.time() - state.st_mtime < 60
        if state.st_uid != os.getuid() or being_made or _is_alive(path):
            return
        if (held := _hold(path)) is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(held)


def _is_alive(path: Path) -> bool:
    """Tell whether there is a process with the number of a folder's owner."""
    try:
        os.kill(int(path.name.removeprefix("new-").split("-")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not a fork of it
        shutil.rmtree(path, ignore_errors=True)
