"""The one JSON document of a command that is told to write one (`--json`).

On stdout it is alone: whatever else this process and its children write there (cells
and their children, Sphinx, uv) goes to stderr from the beginning on. It is whole, too,
when the command fails or is interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from bookkit import __version__
from bookkit.errors import BookkitError, UsageError, explain
from bookkit.files import write_whole

#: Counts changes of the document's meaning.
FORMAT = 1
#: In place of a file's name.
STDOUT = "-"


class Document:
    """What a command tells, by name; nothing is written of one that was not begun."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self._command = ""
        self._file: Path | None = None
        self._stdout: int | None = None

    @property
    def begun(self) -> bool:
        """Tell whether it is to be written."""
        return bool(self._command)

    def begin(self, command: str, target: str) -> None:
        """Let the document of a command be written to a file, or alone to stdout.

        Raises:
            UsageError: the file cannot be one.
        """
        self._command = command
        if target == STDOUT:
            sys.stdout.flush()
            self._stdout = os.dup(1)
            os.dup2(2, 1)
            return
        path = Path(target)
        is_other = path.exists() and not path.is_file()
        if path.suffix == ".md" or is_other or not path.parent.is_dir():
            self._command = ""
            expected = "a file in a folder that is there, and no source of the book"
            raise UsageError(explain("--json", f"`{target}`", expected))
        self._file = path

    def put(self, name: str, value: Any) -> None:
        self.content[name] = value

    def add(self, name: str, value: Any) -> None:
        self.content.setdefault(name, []).append(value)

    def finish(self, exit_code: int, kind: str, error: BaseException | None) -> None:
        """Write it, once; an error's `kind` is a word that stays."""
        if not self.begun:
            return
        # A second Ctrl-C would cut it in two
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        said = None
        if kind:
            shown = error.shown if isinstance(error, BookkitError) else ()
            said = {"kind": kind, "message": str(error or kind), "shown": list(shown)}
        content = {
            "format": FORMAT,
            "bookkit": __version__,
            "command": self._command,
            "exit_code": exit_code,
            "error": said,
            **self.content,
        }
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        # Half a character of a cell's is written as JSON has it
        raw = text.encode("utf-8", "backslashreplace")
        self._command = ""
        if self._file is not None:
            write_whole(self._file, raw.decode())
        elif self._stdout is not None:
            sys.stdout.flush()
            with open(self._stdout, "wb") as stdout:
                stdout.write(raw)


def asked(words: list[str]) -> str | None:
    """Return where words of a command line want a document, as far as they tell."""
    for at, word in enumerate(words):
        if word.startswith("--json="):
            return word.partition("=")[2]
        if word == "--json":
            following = words[at + 1] if at + 1 < len(words) else "-"
            return STDOUT if following.startswith("-") else following
    return None


def unambiguous(words: list[str]) -> list[str]:
    """Return words in which no section is taken for the file of `--json`."""
    words = list(words)
    for at in range(len(words) - 1):
        if words[at] == "--json" and words[at + 1].endswith(".md"):
            words[at] = f"--json={STDOUT}"
    return words
