"""Everything around the text of a page.

| part | its one responsibility |
|---|---|
| `durations` | how long a section takes, and how many cells it has |
| `cards` | a chapter's sections as cards |
| `start` | links to where the book begins, one for each framework |
| `verified` | with what a page's code was run, and a table of all runs |
| `switch` | the choice of framework above every page's text |
| `navigation` | the tree of pages, folded in large books |
| `contents` | entries of contents lists that name the frameworks their page lacks |
| `related` | previous and next page, for each framework |
| `launch` | what to do with a section: download its notebook, open it in Colab |
| `page_sources` | the author's text beside each page |
| `description` | what a page is about, in its head |
| `about` | what stands below the title of a page |
"""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.page import (
    about,
    cards,
    contents,
    description,
    durations,
    launch,
    navigation,
    page_sources,
    related,
    start,
    switch,
    verified,
)

_PARTS = (
    durations,
    cards,
    start,
    verified,
    switch,
    navigation,
    contents,
    related,
    launch,
    page_sources,
    description,
    about,
)


def setup(app: Sphinx) -> None:
    for part in _PARTS:
        part.setup(app)
