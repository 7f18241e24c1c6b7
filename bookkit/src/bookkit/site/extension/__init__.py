"""Sphinx extension for books in d2lbook's format, made for the theme Furo.

It reads the sections themselves, and for each a file with what its cells gave.

| room | holds |
|---|---|
| `base` | what all parts need: the book, its tabs, the page itself |
| `cells` | code, its outputs, tab groups, and saved functions |
| `live` | interactive figures, in place of still outputs |
| `text` | prose, citations, figures, formulas, exercises |
| `sections` | the parser: from Markdown and outputs to all of these |
| `search` | the index, and the page and box that use it |
| `page` | everything around the text of a page |
| `furo` | what is changed of the theme, and the built style sheet and script |

A room imports only from rooms above it. The style sheets, scripts and templates of a
part lie beside it.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from bookkit.site.extension import live, search
from bookkit.site.extension.base import book, changed, filled, page_tabs, placed, runs
from bookkit.site.extension.cells import (
    folded,
    highlight,
    kept_colours,
    numbers,
    outputs,
    saved_links,
    saved_list,
    saved_names,
    tabs,
    uses,
)
from bookkit.site.extension.furo import assets, boxes, policy, theme, unused
from bookkit.site.extension.page import (
    about,
    cards,
    contents,
    description,
    durations,
    launch,
    missing,
    page_sources,
    paper,
    related,
    report,
    start,
    switch,
    verified,
)
from bookkit.site.extension.sections import parser, solved
from bookkit.site.extension.text import (
    addresses,
    citations,
    exercises,
    figures,
    mathml,
    numbered,
    optional,
    prose,
)

# Listeners of the same event and priority run in this order.
_ROOMS = (
    (book, changed, filled, placed, runs, page_tabs),
    (
        tabs,
        numbers,
        outputs,
        folded,
        uses,
        highlight,
        kept_colours,
        saved_names,
        saved_links,
        saved_list,
    ),
    (live,),
    (prose, addresses, figures, exercises, optional, numbered, citations, mathml),
    (parser, solved),
    (search,),
    (durations, cards, start, verified, switch, contents, related),
    (launch, page_sources, report, missing, description, about, paper),
    (theme, boxes, assets, policy, unused),
)


def setup(app: Sphinx) -> ExtensionMetadata:
    for room in _ROOMS:
        for part in room:
            part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
