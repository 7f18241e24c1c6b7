"""The page that one asks on, and the sidebar's box. All they need is files of the site.

Pages bring these files when somebody goes to the box, by the addresses of `addresses`;
nothing is inline.
"""

from __future__ import annotations

import json
import zlib
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from bookkit.files import write_whole
from bookkit.site.extension.base.book import words_of
from bookkit.site.extension.base.compact import compact
from bookkit.site.extension.base.page_context import Context, complete_each_page

NAME, TEMPLATE = "search", "search.html"
SCRIPT, SHEET = "bookkit-search.js", "bookkit-search.css"
#: Beside the pages, under the name that Sphinx gives to its own.
INDEX = "searchindex.js"

_FOLDER = files(__package__)
# In the order they need each other.
_PARTS = (
    "slash",
    "typing",
    "index",
    "matching",
    "near",
    "asking",
    "similar",
    "excerpts",
    "results",
    "page",
    "box",
    "keys",
)
_SHEETS = ("search", "box")


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _add_files, priority=900)
    complete_each_page(app, _complete_page)


def script(words: dict[str, str]) -> str:
    """Return the whole script, which says these words."""
    parts = "\n".join(_read(f"{name}.js") for name in _PARTS)
    said = json.dumps(words, ensure_ascii=False)
    parts = parts.replace("BOOKKIT_SEARCH_WORDS", said)
    return compact(f'(() => {{\n"use strict";\n{parts}}})();\n')


def addresses(config: Config) -> dict[str, str]:
    """Return where the box's files are, from the top of the site."""
    named = {"script": (SCRIPT, _script_of(config)), "sheet": (SHEET, _sheet())}
    found = {
        kind: f"_static/{name}?v={_digest(text)}"
        for kind, (name, text) in named.items()
    }
    return {**found, "index": INDEX}


def _digest(text: str) -> str:
    """Return what Sphinx writes behind the same file's name on the search's page."""
    return f"{zlib.crc32(text.encode('utf-8')):08x}"


def _script_of(config: Config) -> str:
    return script(words_of(config, "search_"))


def _sheet() -> str:
    return compact("\n".join(_read(f"{name}.css") for name in _SHEETS))


def _read(name: str) -> str:
    return _FOLDER.joinpath("static", name).read_text(encoding="utf-8")


def _add_files(app: Sphinx, config: Config) -> None:
    folder = Path(app.doctreedir) / "bookkit-search"
    write_whole(folder / SCRIPT, _script_of(config))
    write_whole(folder / SHEET, _sheet())
    config.html_static_path = [*config.html_static_path, str(folder)]
    config.templates_path = [*config.templates_path, str(_FOLDER / "templates")]


def _complete_page(app: Sphinx, pagename: str, context: Context) -> None:
    """Add our files to the page of the search and to no other."""
    context["bookkit_search"] = words_of(app.config, "search_")
    # Sphinx, which makes no index of its own, would not name the page in the head.
    has_page = context["hasdoc"]
    context["hasdoc"] = lambda name: name == NAME or has_page(name)
    if pagename != NAME:
        return
    app.add_css_file(SHEET, priority=901)
    app.add_js_file(SCRIPT, loading_method="defer", priority=901)
