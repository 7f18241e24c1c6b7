"""Sphinx in a process that gets ready before its input is.

    python -m bookkit.site.sphinx_process awaited|behind ARGUMENT ...

takes the arguments of `sphinx-build`, reads the configuration and what it made last
time, and waits for a line on standard input before it looks at any page: how many
processes are worth it, and which files are pages.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bookkit.book.config import CONFIG_NAME, load
from bookkit.site.defaults import AUTHORS
from bookkit.site.priority import lower_priority

#: One of the processes that read or write pages beside each other.
_CHILD_DIED = "a process that makes pages was killed (often: out of memory)"

#: The exit code if it cannot begin: then what it says is for the author.
CANNOT_BEGIN = os.EX_CONFIG


def main() -> int:
    """Get ready, wait, build; return Sphinx's exit code."""
    if sys.argv[1] != "awaited":
        lower_priority()
    from jinja2 import FileSystemBytecodeCache
    from sphinx.application import Sphinx

    from bookkit.site.book_project import BookProject, read_only
    from bookkit.site.sphinx_internals import run_sphinx_build, template_environment

    class WaitingSphinx(Sphinx):
        """Begins when it is told to, and keeps its templates compiled."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            try:
                super().__init__(*arguments, **options)
            except Exception as error:  # an extension may raise any
                print("\n" + _told(error, Path(options["srcdir"])), file=sys.stderr)
                raise SystemExit(CANNOT_BEGIN) from error
            compiled = self.doctreedir / "templates"
            os.makedirs(compiled, exist_ok=True)
            environment = template_environment(self)
            if environment:
                environment.bytecode_cache = FileSystemBytecodeCache(str(compiled))

        def build(
            self, force_all: bool = False, filenames: Sequence[Path] = ()
        ) -> None:
            line = sys.stdin.readline()
            if not line:
                raise SystemExit(0)
            told = json.loads(line)
            self.parallel = int(told["processes"])
            read_only(self, told["files"])
            try:
                super().build(force_all, filenames)
            except EOFError:
                print(_CHILD_DIED, file=sys.stderr)
                raise SystemExit(2) from None

    return run_sphinx_build(WaitingSphinx, BookProject, sys.argv[2:])


def _told(error: Exception, root: Path) -> str:
    """Say why Sphinx cannot begin, and where in config.ini as far as that is known."""
    cause = error.__cause__ or error  # an error in a configuration has it in its text
    frames = traceback.extract_tb(cause.__traceback__)
    found = [one.lineno or 0 for one in frames if one.filename == AUTHORS]
    if isinstance(cause, SyntaxError) and cause.filename == AUTHORS:
        found, said = [cause.lineno or 0], cause.msg
    else:
        said = str(cause).strip().partition("\n")[0]
    place = root / CONFIG_NAME
    at = _line(place, found[-1]) if found else 0
    name = f"{place}:{at}" if at else str(place)
    return (
        f"{name}: Sphinx cannot begin: {type(cause).__name__}: {said}\n"
        "  expected: `sphinx_configs` and `sphinx_extensions` that Sphinx can use"
    )


def _line(file: Path, number: int) -> int:
    """Return where in config.ini a line of `sphinx_configs` stands; 0: not known."""
    rows = file.read_text(encoding="utf-8").splitlines()
    key = next(at for at, row in enumerate(rows) if row.startswith("sphinx_configs"))
    code = load(file.parent).pages.configs.splitlines()
    wanted = code[number - 1].strip()
    found = (at for at in range(key, len(rows)) if rows[at].strip().endswith(wanted))
    return next(found, -1) + 1


if __name__ == "__main__":
    sys.exit(main())
