"""Write, copy, hash and lock files; what is written is whole or not at all.

Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import functools
import hashlib
import json
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace a file by way of a temporary one beside it, which never stays.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    with _replacing(path) as temporary:
        if isinstance(content, bytes):
            temporary.write_bytes(content)
        else:
            temporary.write_text(content, encoding="utf-8", newline="\n")


def read_record(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; {} if it is missing or damaged."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def write_record(path: Path, content: dict[str, Any]) -> None:
    """Write what costs little when it is lost: a failure is logged, not raised."""
    try:
        write_whole(path, json.dumps(content, indent=1))
    except OSError as error:
        log.info("%s not written: %s", path, error)


def copy_whole(source: Path, target: Path) -> bool:
    """Copy a file as `write_whole` writes; False: the same bytes are there already.

    Raises:
        OSError: it cannot be copied; the target is as it was.
    """
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return False
    with _replacing(target) as temporary:
        shutil.copyfile(source, temporary)
    return True


def digest(paths: Iterable[Path], texts: Iterable[str] = ()) -> str:
    """Hash files, names included, and texts; a missing file counts as none."""
    total = hashlib.sha256()
    for path in paths:
        if os.path.isfile(path):
            total.update(path.name.encode() + b"\0" + path.read_bytes())
    for text in texts:
        total.update(b"\0" + text.encode())
    return total.hexdigest()


@contextlib.contextmanager
def locked(path: Path, waiting: str) -> Iterator[None]:
    """Hold a lock; say `waiting` while process `{owner}` has it.

    The system drops the lock with the process, so a killed one leaves none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            owner = held.read().strip() or "unknown"
            print(waiting.format(owner=owner), file=sys.stderr, flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield


@functools.cache
def own_hash() -> str:
    """Hash this tool, as this process has loaded it."""
    files = sorted(Path(__file__).parent.rglob("*"))
    return digest(path for path in files if path.suffix != ".pyc")


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Threads of one process may write the same file, as those of a worker do.
    owner = f"{os.getpid()}-{threading.get_ident()}"
    temporary = path.with_name(f".{path.name}.{owner}.part")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
