"""Commands for people: `make lock` where a Makefile has it, a line for pip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bookkit.book.config import CONFIG_NAME

#: What a shell would take for something else.
_QUOTED = frozenset("<>;[]!~*")


def to_run(
    place: Path,
    command: str,
    tab: str = "",
    *,
    section: str = "",
    port: int | None = None,
    again: bool = False,
) -> str:
    """Word a command in the book that a file belongs to, for one tab or all."""
    books = (one for one in place.parents if (one / CONFIG_NAME).exists())
    makefile = next(books, place.parent) / "Makefile"
    shown_port = "" if port is None else str(port)
    if makefile.exists() and "bookkit" in makefile.read_text("utf-8", "replace"):
        called = "make" if command == "build" else f"make {command}"
        given = {"SECTION": section, "TABS": tab, "PORT": shown_port}
        given["AGAIN"] = "1" if again else ""
        options = [f"{name}={value}" for name, value in given.items() if value]
        return " ".join([called, *options])
    parts = ["bookkit", f"--tabs {tab}" if tab else "", command, section]
    parts += [f"--port {shown_port}" if shown_port else "", "--again" if again else ""]
    return " ".join(filter(None, parts))


def pip_line(requirements: Sequence[str]) -> str:
    """Return the command that installs them, for any shell."""
    quoted = [f'"{one}"' if _QUOTED & set(one) else one for one in requirements]
    return f"pip install {' '.join(quoted)}"
