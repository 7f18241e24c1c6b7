"""What paper needs beside the page: the addresses of links to other sites."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from bookkit.site.extension.base.book import words_of
from bookkit.site.extension.base.page_context import Context, complete_each_page

# Elements that may hold a panel, the panels among them, and links out of the book.
_STEPS = re.compile(
    r'<div class="bk-panel" data-tab="([^"]*)"|(<div\b)|(</div>)'
    r'|<a class="reference external" href="([^"]*)"'
)


def setup(app: Sphinx) -> None:
    # After everything that rewrites the text.
    complete_each_page(app, _add_links, priority=900)


def _add_links(app: Sphinx, pagename: str, context: Context) -> None:
    context["bookkit_paper"] = words_of(app.config, "paper_")
    context["bookkit_outside"] = outside_links(context.get("body", ""))


def outside_links(html: str) -> list[tuple[str, str]]:
    """Return a page's links to other sites in their order: the tab, the address.

    The addresses are quoted as they are in the page. A link that every framework
    shows has no tab.
    """
    found: list[tuple[str, str]] = []
    around = [""]
    for step in _STEPS.finditer(html):
        tab, opening, closing, address = step.groups()
        if address is not None:
            found.append((around[-1], address))
        elif closing:
            around = around[:-1] or [""]
        else:
            around.append(around[-1] if opening else tab)
    return found
