"""Interactive figures, each in place of a still one: an output says what it shows.

The still one is there without JavaScript, and on paper. `common.js` comes before the
script of each kind; only pages that have a kind load its files.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from bookkit.files import write_whole
from bookkit.site.extension.base.book import words_of
from bookkit.site.extension.base.compact import compact
from bookkit.site.extension.base.page_context import (
    Context,
    add_html_node,
    complete_each_page,
)
from bookkit.site.extension.base.per_page import PerPage

#: What we can show; outputs of other kinds stay as they are.
KINDS = ("tree", "signal")
_SHEET = "bookkit-live.css"
_FOLDER = files(__package__)
_ON_PAGE = PerPage("live_kinds")


class interactive(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a script shows in place of the output before; attributes: kind, content."""


def setup(app: Sphinx) -> None:
    _ON_PAGE.setup(app)
    app.add_transform(KindsOfPage)
    add_html_node(app, interactive, _visit)
    app.connect("config-inited", _write_files, priority=900)
    complete_each_page(app, _add_files)


class KindsOfPage(SphinxTransform):
    """Take down which scripts a page needs."""

    default_priority = 9

    def apply(self, **kwargs: object) -> None:
        kinds = {node["kind"] for node in self.document.findall(interactive)}
        if kinds:
            _ON_PAGE.of(self.env)[self.env.docname] = sorted(kinds)


def _visit(translator: HTML5Translator, node: interactive) -> None:
    # JSON has other names for the few signs that mean something in HTML.
    content = node["content"]
    for sign in "&'<>":
        content = content.replace(sign, f"\\u{ord(sign):04x}")
    translator.body.append(
        f'<div class="bk-rich container bk-live" data-kind="{node["kind"]}" '
        f"data-content='{content}' hidden></div>\n"
    )


def _script_name(kind: str) -> str:
    return f"bookkit-{kind}.js"


def _write_files(app: Sphinx, config: Config) -> None:
    folder = Path(app.doctreedir) / "bookkit-live"
    words = json.dumps(words_of(config, "live_"), ensure_ascii=False)
    for kind in KINDS:
        parts = _read("common.js").replace("BOOKKIT_LIVE", words) + _read(f"{kind}.js")
        script = compact(f'(() => {{\n"use strict";\n{parts}}})();\n')
        write_whole(folder / _script_name(kind), script)
    write_whole(folder / _SHEET, compact(_read("live.css")))
    config.html_static_path = [*config.html_static_path, str(folder)]


def _read(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


def _add_files(app: Sphinx, pagename: str, context: Context) -> None:
    kinds = _ON_PAGE.of(app.env).get(pagename, ())
    for kind in kinds:
        app.add_js_file(_script_name(kind), loading_method="defer", priority=902)
    if kinds:
        app.add_css_file(_SHEET, priority=902)
