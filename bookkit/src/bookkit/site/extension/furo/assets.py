"""Our style sheet, scripts and templates: few files, whatever the number of sources."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from bookkit.site.extension.base.book import word, words_of
from bookkit.site.extension.base.compact import compact
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.furo.furo_internals import (
    FURO_SHEET,
    NARROWER,
    ROOM,
    SOURCE_MAP,
)
from bookkit.site.extension.furo.tab_rules import rules_of_tabs
from bookkit.site.extension.search import page as search_page

_EXTENSION = files("bookkit.site.extension")
# In the order of the cascade.
_STYLES = (
    "furo/variables",
    "furo/typography",
    "cells/code",
    "cells/colours",
    "cells/outputs",
    "cells/folded",
    "cells/tools",
    "cells/copy",
    "cells/run_button",
    "cells/chip",
    "cells/numbers",
    "furo/columns",
    "furo/scrolling",
    "cells/tabs",
    "page/switch",
    "page/visit",
    "page/lacking",
    "page/comparison",
    "text/figures",
    "text/mathml",
    "text/exercises",
    "text/optional",
    "text/permalinks",
    "page/report",
    "page/missing",
    "page/cards",
    "page/start",
    "page/about",
    "page/launch",
    "page/run_here",
    "page/verified",
    "cells/saved_links",
    "furo/drawers",
    "furo/preferences",
    "page/paper",
    "furo/shame",
)
# In the order they need each other.
# The choice again: the head's own script may come late.
_SCRIPTS = (
    "base/head",
    "base/choice",
    "base/staying",
    "page/switch",
    "page/visit",
    "base/links",
    "search/static/slash",
    "search/static/searchbox",
    "furo/theme",
    "furo/drawers",
    "cells/tools",
    "cells/copy",
    "text/permalinks",
    "page/report",
    "cells/run_button",
    "cells/chip",
    "page/run_here",
    "text/unfold",
    "search/static/found",
    "page/paper",
    "furo/scrolling",
    "page/differences",
)
_FONT = "bookkit-math.woff2"
_SHEET, _SCRIPT, _HEAD_SCRIPT = "bookkit.css", "bookkit.js", "bookkit-head.js"


def setup(app: Sphinx) -> None:
    app.add_css_file(_SHEET, priority=900)
    app.add_js_file(_SCRIPT, loading_method="defer", priority=900)
    app.connect("config-inited", _add_templates)
    app.connect("config-inited", _write_static, priority=900)
    app.connect("builder-inited", _write_sheet)
    complete_each_page(app, _add_head_script)


def _add_templates(app: Sphinx, config: Config) -> None:
    ours = [_EXTENSION, _EXTENSION / "furo" / "templates"]
    config.templates_path = [*config.templates_path, *map(str, ours)]
    config.html_use_index = False  # there is nothing that it could list


def _write_static(app: Sphinx, config: Config) -> None:
    folder = _folder(app)
    shutil.rmtree(folder, ignore_errors=True)  # Sphinx copies all of it
    folder.mkdir(parents=True)
    head = _script(config, _SCRIPTS[:1])
    (folder / _HEAD_SCRIPT).write_text(head, encoding="utf-8")
    (folder / _FONT).write_bytes((_EXTENSION / "text" / _FONT).read_bytes())
    (folder / _SCRIPT).write_text(_script(config, _SCRIPTS), encoding="utf-8")
    config.html_static_path = [*config.html_static_path, str(folder)]


def _folder(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "bookkit-static"


def _write_sheet(app: Sphinx) -> None:
    """Write one style sheet: the theme's rules, and ours.

    One, because the first paint waits for each; its address tells when any changed.
    """
    if app.builder.format != "html":
        return
    furo = NARROWER.sub(ROOM, SOURCE_MAP.sub("", FURO_SHEET.read_text("utf-8")))
    ours = [_read(f"{name}.css") for name in _STYLES]
    sheet = "\n".join([furo, *ours, _tab_rules(app.config)])
    (_folder(app) / _SHEET).write_text(sheet, encoding="utf-8")


def _read(name: str) -> str:
    return compact((_EXTENSION / name).read_text(encoding="utf-8"))


def _script(config: Config, names: tuple[str, ...]) -> str:
    parts = "\n".join(_read(f"{name}.js") for name in names)
    tabs = json.dumps(list(config.bookkit_tabs))
    script = f'(() => {{\n"use strict";\n{parts}}})();\n'
    values = {
        "BOOKKIT_TABS": tabs,
        "BOOKKIT_THEMES": json.dumps(words_of(config, "colours_"), ensure_ascii=False),
        "BOOKKIT_SEARCH": json.dumps(search_page.addresses(config)),
        "BOOKKIT_VISIT": json.dumps(words_of(config, "visit_"), ensure_ascii=False),
        "BOOKKIT_CHIP": json.dumps(words_of(config, "chip_"), ensure_ascii=False),
        "BOOKKIT_WRAP": json.dumps(word(config, "wrap"), ensure_ascii=False),
        "BOOKKIT_RUN": json.dumps(word(config, "run_cell"), ensure_ascii=False),
        "BOOKKIT_COPY": json.dumps(words_of(config, "copy_"), ensure_ascii=False),
        "BOOKKIT_REPORT": json.dumps(_report_words(config), ensure_ascii=False),
    }
    for name, value in values.items():
        script = script.replace(name, value)
    return script


def _report_words(config: Config) -> dict[str, str]:
    words = words_of(config, "report_")
    return {key: words[key] for key in ("place", "at")}


def _labels(config: Config) -> str:
    """Return the labels that the style sheet shows: they are not copied or found."""
    names = {
        ":root": "output",
        "div.bk-traceback": "output_traceback",
        "div.bk-warning": "output_warning",
        "div.bk-stderr": "output_stderr",
    }
    labels = {
        selector: json.dumps(word(config, key), ensure_ascii=False)
        for selector, key in names.items()
    }
    return "\n".join(
        f"{selector} {{ --bk-output-label: {label}; }}"
        for selector, label in labels.items()
    )


def _tab_rules(config: Config) -> str:
    """Return the rules that depend on the names of the tabs and on the language."""
    return "\n".join([_labels(config), rules_of_tabs(config.bookkit_tabs)])


def _add_head_script(app: Sphinx, pagename: str, context: Context) -> None:
    """Apply the reader's choice before the first paint, without waiting for it.

    The script is small, and asked for before the style sheets that the first paint
    waits for anyway.
    """
    if len(app.config.bookkit_tabs) < 2:
        return
    address = context["pathto"](f"_static/{_HEAD_SCRIPT}", 1)
    context["metatags"] = (
        f"{context.get('metatags', '')}"
        f'\n<script async fetchpriority="high" src="{address}"></script>'
    )
