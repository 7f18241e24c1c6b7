"""What all parts need: the book, its tabs, the page itself.

| part | its one responsibility |
|---|---|
| `book` | tabs, their titles, and our own words, from `config.ini` |
| `settings` | the book's whole configuration, as the builder reads it |
| `changed` | pages to read again because their input changed, whatever file times say |
| `runs` | what is known about the runs behind a page |
| `page_tabs` | which frameworks each page has |
| `per_page` | values found while reading a page, kept for the next build |
| `page_context` | additions to a page's template context, changes to its text |
| `reading_order` | the order in which a reader meets the pages |
| `compact` | style sheets and scripts without comments and indents |

The scripts hold the reader's choice of framework: `head.js` applies it before the first
paint, `choice.js` changes it, `staying.js` keeps the reader's place, `links.js` passes
it on.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.base import book, changed, page_tabs, runs

_PARTS = (book, changed, runs, page_tabs)


def setup(app: Sphinx) -> None:
    for part in _PARTS:
        part.setup(app)
