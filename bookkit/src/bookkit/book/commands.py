"""How a command is called in a book: `make lock` where a Makefile has it."""

from __future__ import annotations

from pathlib import Path

from bookkit.book.config import CONFIG_NAME


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
