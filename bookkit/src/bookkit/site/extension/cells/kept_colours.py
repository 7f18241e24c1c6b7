"""Highlighted code kept from build to build.

A page with an edited paragraph has the same code, and colouring it takes a quarter of
the time in which the page is made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pygments
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from bookkit.files import digest, own_hash, write_whole

_NAME = "bookkit-colours.json"
_MOST = 20_000


def setup(app: Sphinx) -> None:
    kept = _KeptColours()
    app.connect("builder-inited", kept.begin)
    app.connect("build-finished", kept.save)


class _KeptColours:
    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._added = 0

    def begin(self, app: Sphinx) -> None:
        """Ask what is kept before Pygments."""
        if not isinstance(app.builder, StandaloneHTMLBuilder):
            return
        self._known = _read(Path(app.doctreedir, _NAME))
        bridge: Any = app.builder.highlighter
        highlight = bridge.highlight_block
        style = f"{pygments.__version__} {app.config.pygments_style} {own_hash()}"

        def ask(source: str, lang: str, opts: Any = None, **options: Any) -> str:
            # A place is for warnings; what causes one is not kept. Outputs cause none
            told = {key: options[key] for key in options if key != "location"}
            key = digest([], [style, source, lang, repr(opts), repr(told)])
            if key not in self._known:
                made = str(highlight(source, lang, opts, **options))
                if "<span class" not in made and lang != "none":
                    return made
                self._known[key] = made
                self._added += 1
            return self._known[key]

        bridge.highlight_block = ask

    def save(self, app: Sphinx, exception: Exception | None) -> None:
        if self._added:
            newest = dict(list(self._known.items())[-_MOST:])
            write_whole(Path(app.doctreedir, _NAME), json.dumps(newest))


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): str(text) for key, text in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}
