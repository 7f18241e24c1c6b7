"""What every command does: it says what it did, and holds the build lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from bookkit.book.config import Config
from bookkit.files import locked as lock_file


def say(lines: Iterable[str]) -> None:
    """Print lines as they come."""
    for line in lines:
        print(line, flush=True)


def locked(config: Config) -> contextlib.AbstractContextManager[None]:
    """Hold the book's build lock; a second build waits for the first."""
    said = "Another build of this book is running (process {owner}); waiting"
    return lock_file(config.output / ".lock", said)
