"""The page that one asks on. All it needs is files of the site; nothing is inline."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from bookkit.files import write_whole
from bookkit.site.extension.book import words_of
from bookkit.site.extension.page_context import Context, complete_each_page
from bookkit.site.extension.search.tokens import character_classes

NAME, TEMPLATE = "search", "search.html"
SCRIPT, SHEET = "bookkit-search.js", "bookkit-search.css"

_FOLDER = files(__package__)
# In the order they need each other.
_PARTS = (
    "tokens",
    "index",
    "matching",
    "asking",
    "near",
    "excerpts",
    "results",
    "page",
)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _add_files, priority=900)
    complete_each_page(app, _complete_page)


def script() -> str:
    """Return the whole script of the page."""
    parts = "\n".join(_read("static", f"{name}.js") for name in _PARTS)
    classes = json.dumps(character_classes())
    return f'(() => {{\n"use strict";\n{parts}}})();\n'.replace(
        "BOOKKIT_CLASSES", classes
    )


def _read(*parts: str) -> str:
    return _FOLDER.joinpath(*parts).read_text(encoding="utf-8")


def _add_files(app: Sphinx, config: Config) -> None:
    folder = Path(app.doctreedir) / "bookkit-search"
    write_whole(folder / SCRIPT, script())
    write_whole(folder / SHEET, _read("static", "search.css"))
    config.html_static_path = [*config.html_static_path, str(folder)]
    config.templates_path = [*config.templates_path, str(_FOLDER / "templates")]


def _complete_page(app: Sphinx, pagename: str, context: Context) -> None:
    """Add our files to the page of the search and to no other."""
    words = words_of(app.config, "search_")
    context["bookkit_search"] = words
    # Sphinx, which makes no index of its own, would not name the page in the head.
    has_page = context["hasdoc"]
    context["hasdoc"] = lambda name: name == NAME or has_page(name)
    if pagename != NAME:
        return
    app.add_css_file(SHEET, priority=901)
    app.add_js_file(SCRIPT, loading_method="defer", priority=901)
    context["bookkit_search_words"] = json.dumps(words, ensure_ascii=False)
