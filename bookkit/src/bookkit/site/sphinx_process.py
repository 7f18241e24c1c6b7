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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bookkit.site.priority import lower_priority

#: One of the processes that read or write pages beside each other.
_CHILD_DIED = "a process that makes pages was killed (often: out of memory)"


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
            super().__init__(*arguments, **options)
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


if __name__ == "__main__":
    sys.exit(main())
