"""The entries of a book's bibliography."""

from __future__ import annotations

from pathlib import Path
from typing import Any

#: The style of the list of works, as with d2lbook.
LISTED = "apa"


class Unreadable(Exception):
    """A bibliography that cannot be read: why, and in which line."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def read_entries(path: Path) -> dict[str, Any]:
    """Return pybtex's entries by key.

    Raises:
        Unreadable: there is no such file, or it is no BibTeX.
    """
    from pybtex.database import parse_file
    from pybtex.exceptions import PybtexError

    try:
        return dict(parse_file(str(path)).entries)
    except OSError:
        raise Unreadable("no such file", 1) from None
    except (PybtexError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise Unreadable(reason, getattr(error, "lineno", None) or 1) from error


def is_nameless(entry: Any) -> bool:
    """Tell whether an entry has nothing by which it could be cited."""
    named = entry.persons.get("author") or entry.persons.get("editor")
    return not named and not entry.fields.get("title")
