"""Sphinx in a process that imports it ahead of its work.

    python -m bookkit.site.sphinx_process OWNER

reads the arguments of `sphinx-build` as one line of JSON from standard input.
Its end, which other children of the owner may keep open, is not waited for.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys

from bookkit.prefork.server.lifetime import die_with_parent

_AHEAD = (
    "sphinx.cmd.build",
    "sphinx.application",
    "sphinx.builders.html",
    "sphinxcontrib.bibtex",
    "furo",
    "bookkit.site.extension",
)


def main() -> int:
    """Import, wait, build; return Sphinx's exit code."""
    die_with_parent(int(sys.argv[1]))
    for name in _AHEAD:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    words = sys.stdin.readline()
    if not words.strip():
        return 0
    from sphinx.cmd import build

    return int(build.main(json.loads(words)))


if __name__ == "__main__":
    sys.exit(main())
