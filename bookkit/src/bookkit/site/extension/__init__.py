"""Sphinx extension for books in d2lbook's format, made for the theme Furo.

It works on what d2lbook hands to Sphinx, so a plain `d2lbook build html` that
names `bookkit.site.extension` in `sphinx_extensions` gets the same pages.

| module | its one responsibility |
|---|---|
| `book` | tabs, their titles and the words we add, from `config.ini` |
| `tabs` | d2lbook's tab markup into accessible tab groups |
| `outputs` | outputs of cells: apart from code, of their kind, folded when long |
| `code_boxes` | one box around each block of code |
| `highlight` | code with as few marks as its colours need |
| `code_colours` | which kinds of marks look the same, and the rules for them |
| `prose` | line breaks and role boundaries in texts without spaces |
| `figures` | alternative texts, figures with dark colours of their own |
| `exercises` | exercises and their kinds |
| `durations` | how long a section takes, and how many cells it has |
| `cards` | a chapter's sections as cards |
| `start` | links to where the book begins, one for each framework |
| `references` | wording of references to sections and chapters |
| `settings` | the book's whole configuration, as the builder reads it |
| `per_page` | what is found out while reading a page, and kept for the next build |
| `saved_names` | where saved functions are defined, with anchors, and where used |
| `saved_links` | from uses to definitions |
| `reference` | the list of the saved functions |
| `launch` | what to do with a section: take its notebook along, open it in Colab |
| `page_sources` | the author's text beside each page |
| `citations` | the list of works cited |
| `mathml` | formulas without JavaScript |
| `page_tabs` | which frameworks each page has |
| `switch` | the choice of framework above every page's text |
| `contents` | entries of contents lists that say what their page lacks |
| `related` | previous and next page, for each framework |
| `search` | the site's search: its index, and the page that asks it |
| `changed` | pages whose input changed, whatever file times say |
| `wording` | Furo's words, where it has no translation |
| `facts` | what is known about the runs behind a page |
| `verified` | signs of life: with what a page's code was run, and a table of it |
| `reading_order` | the order in which a reader meets the pages |
| `theme` | names of the parts of Furo's page, for who cannot see them |
| `navigation` | the tree of pages, folded in large books |
| `policy` | no styles in the pages themselves |
| `slim` | no marks that nothing styles |
| `spacing` | no space that no browser shows |
| `unused` | what Sphinx and Furo bring and no page needs |
| `page_context` | how parts add to pages, and change their text |
| `description` | what a page is about, in its head |
| `layout` | our templates, and what stands below a page's title |
| `tab_rules` | rules of the style sheet that name tabs |
| `compact` | sources without what only their authors need |
| `furo_sheet` | Furo's style sheet in two: what all pages need, and the rest |
| `sheets` | a style sheet taken apart, and put together |
| `assets` | our style sheet and scripts, and none of d2lbook's |
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from bookkit.site.extension import search
from bookkit.site.extension.base import book, changed, page_tabs
from bookkit.site.extension.base import runs as facts
from bookkit.site.extension.cells import (
    highlight,
    outputs,
    saved_links,
    saved_names,
    tabs,
)
from bookkit.site.extension.cells import saved_list as reference
from bookkit.site.extension.furo import assets, policy, slim, theme, unused, wording
from bookkit.site.extension.page import (
    cards,
    contents,
    description,
    durations,
    launch,
    layout,
    navigation,
    page_sources,
    related,
    start,
    switch,
    verified,
)
from bookkit.site.extension.text import chapters as references
from bookkit.site.extension.text import citations, exercises, figures, mathml, prose

_PARTS = (
    book,
    changed,
    tabs,
    outputs,
    prose,
    figures,
    highlight,
    exercises,
    references,
    saved_names,
    saved_links,
    reference,
    citations,
    durations,
    cards,
    start,
    mathml,
    facts,
    verified,
    page_tabs,
    switch,
    navigation,
    contents,
    related,
    search,
    launch,
    page_sources,
    wording,
    description,
    theme,
    layout,
    assets,
    policy,
    slim,
    unused,
)


def setup(app: Sphinx) -> ExtensionMetadata:
    for part in _PARTS:
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
