"""A folder for each worker, which no other one uses and which does not stay.

Workers of one clone may run side by side, and may be killed. What a killed one has
left is removed by the next that starts: nobody holds its lock any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_LOCK_NAME = ".lock"


class OwnFolder:
    """A new folder below `parent`, held by a lock as long as this process lives.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        everyone = os.open(parent / _LOCK_NAME, os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(everyone, fcntl.LOCK_EX)
            _remove_what_nobody_holds(parent)
            self.path = Path(tempfile.mkdtemp(prefix="worker-", dir=parent))
            self._lock = os.open(self.path / _LOCK_NAME, os.O_CREAT | os.O_RDWR)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        finally:
            os.close(everyone)

    def remove(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _remove_what_nobody_holds(parent: Path) -> None:
    for folder in parent.glob("*/"):
        if not _is_held(folder / _LOCK_NAME):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(lock: Path) -> bool:
    with contextlib.suppress(OSError):
        opened = os.open(lock, os.O_RDWR)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(opened)
    return False
