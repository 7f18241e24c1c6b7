"""Sphinx in a process that gets ready ahead of its work.

    python -m bookkit.site.sphinx_process OWNER ARGUMENT ...

takes the arguments of `sphinx-build`, reads the configuration and what it made last
time, and waits for a line on standard input before it looks at any page. Its end,
which other children of the owner may keep open, is not waited for.
"""

from __future__ import annotations

import functools
import importlib.metadata
import sys
from collections.abc import Sequence

from bookkit.prefork.server.lifetime import die_with_parent


def main() -> int:
    """Get ready, wait, build; return Sphinx's exit code."""
    die_with_parent(int(sys.argv[1]))
    # Sphinx and pybtex look through all that is installed, again and again.
    entry_points = functools.cache(importlib.metadata.entry_points)
    importlib.metadata.entry_points = entry_points
    from sphinx.application import Sphinx
    from sphinx.cmd import build

    class WaitingSphinx(Sphinx):
        """Begins when it is told to."""

        def build(self, force_all: bool = False, filenames: Sequence[str] = ()) -> None:
            if not sys.stdin.readline():
                raise SystemExit(0)
            super().build(force_all, filenames)

    build.Sphinx = WaitingSphinx  # type: ignore[misc]
    return int(build.main(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
