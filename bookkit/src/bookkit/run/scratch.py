"""The folder for temporary files of one kernel: short, private, gone with the run.

Sockets that programs make there have paths of no more than 107 bytes, which a folder of
the book may pass by itself.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"bookkit-(\d+)-\w+")


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a new folder, and remove it with all that was written there."""
    folder = new_scratch()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_scratch() -> Path:
    """Make a folder named by its owner; those of owners that were killed go."""
    base = Path(tempfile.gettempdir())
    for path in base.glob("bookkit-*-*"):
        named = _NAME.fullmatch(path.name)
        if named and not _is_alive(int(named[1])):
            with contextlib.suppress(OSError):
                if path.lstat().st_uid == os.getuid():
                    shutil.rmtree(path, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"bookkit-{os.getpid()}-", dir=base))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
