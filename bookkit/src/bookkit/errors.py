"""Every exception bookkit raises on purpose, and the way a message is worded.

    BookkitError                exit code
    ├── UsageError              2   the command line asks for something impossible
    ├── ConfigError             2   config.ini is wrong
    ├── EnvironmentFailure      2   an environment is missing, stale or cannot be made
    └── BookFailure             1   the book itself has findings
        ├── SourceError         1   a source file cannot be read as a section
        ├── RunFailure          1   a notebook did not pass
        └── SiteError           1   the site could not be built cleanly

Anything else that escapes is a bug of ours (exit code 3).
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable
from pathlib import PurePath

#: What the machine, not the book and not bookkit, is to blame for.
_MACHINE_ERRORS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EEXIST,
    errno.EISDIR,
    errno.ENOTDIR,
)


class BookkitError(Exception):
    """Something bookkit can explain; `exit_code` is what the command returns.

    `shown` is what the terminal has of it already: findings, failures of cells.
    """

    exit_code = 2

    def __init__(self, message: str = "", shown: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.shown = tuple(shown)


class UsageError(BookkitError):
    """The command line asks for something impossible."""


class ConfigError(BookkitError):
    """`config.ini` is wrong."""


class EnvironmentFailure(BookkitError):
    """An environment is missing, stale or cannot be made."""


class BookFailure(BookkitError):
    """The book itself has findings."""

    exit_code = 1


class SourceError(BookFailure):
    """A source file cannot be read as a section."""


class RunFailure(BookFailure):
    """A notebook did not pass."""


class SiteError(BookFailure):
    """The site could not be built cleanly."""


def where(path: PurePath | str, line: int | None = None, tab: str | None = None) -> str:
    """Word a place the one way every message does: `a/b.md:12 [paddle]`."""
    place = f"{path}" if line is None else f"{path}:{line}"
    return f"{place} [{tab}]" if tab else place


def explain(place: str, found: str, expected: str = "", run: str = "") -> str:
    """Join the four things an error has to say: where, found, expected, next."""
    lines = [f"{place}: {found}" if place else found]
    if expected:
        lines.append(f"  expected: {expected}")
    if run:
        lines.append(f"  next: {run}")
    return "\n".join(lines)


def nearest(name: str, known: Iterable[str]) -> str:
    """Word which of the known names may be meant; "" where none is near.

    Of paths and in capitals: the last part alone is near enough, `readwrite.md`.
    """
    names = {one.removesuffix(".md"): one for one in sorted(known)}
    ends = {PurePath(one).name.lower(): one for one in names}
    name = name.removesuffix(".md")
    near = difflib.get_close_matches(name, names, n=1)
    last = difflib.get_close_matches(PurePath(name).name.lower(), ends, n=1)
    near = near or [ends[one] for one in last]
    return f"perhaps `{names[near[0]]}`" if near else ""


def or_nearest(expected: str, name: str, known: Iterable[str]) -> str:
    """Join what is expected and the name that may be meant."""
    return "; ".join(filter(None, [nearest(name, known), expected]))


def blame_machine(error: BaseException) -> str | None:
    """Word a full disk and the like; None for what is not the machine's fault."""
    if not isinstance(error, OSError) or error.errno not in _MACHINE_ERRORS:
        return None
    # Of two, what was to be replaced
    place = error.filename2 or error.filename or "writing"
    return (
        f"{place}: {error.strerror}\n"
        "  next: mend that and run the same command again; finished work is kept"
    )
