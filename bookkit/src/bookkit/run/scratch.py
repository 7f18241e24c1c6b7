"""The folder for temporary files of one kernel: short, private, gone with the run.

Sockets that programs make there have paths of no more than 107 bytes, which a folder of
the book may pass by itself.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bookkit import temporary


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a new folder, and remove it with all that was written there."""
    folder = new_scratch()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_scratch() -> Path:
    """Make one that its caller removes, or this command when it ends."""
    return Path(tempfile.mkdtemp(prefix="k", dir=temporary.folder()))
