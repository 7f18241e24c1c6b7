"""The tree of all pages beside each page: of a large book, only the chapter at hand.

A tree of three hundred pages is forty kilobytes, in each of three hundred pages, and
Furo reads it again for every one of them.
"""

from __future__ import annotations

from collections.abc import Callable

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import Context, complete_each_page

_LARGE = 80
"""From this number of pages on, chapters other than the reader's are folded away."""


def setup(app: Sphinx) -> None:
    # Before our marks of entries, and before Furo makes its sidebar.
    complete_each_page(app, _fold, priority=390)


def _fold(app: Sphinx, pagename: str, context: Context) -> None:
    if len(app.env.found_docs) >= _LARGE and "toctree" in context:
        listed: Callable[..., str] = context["toctree"]
        context["toctree"] = lambda **options: listed(**{**options, "collapse": True})
