"""What stands below the title of a page, or below the links to where it starts."""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import Context, complete_each_page

_ABOUT = "page/about.html"
_TITLE_END = "</h1>"
# A page to begin at says first what the book is, and where to begin.
_START, _START_END = 'class="bk-start"', "</nav>"


def setup(app: Sphinx) -> None:
    # After the parts that put into the context what the template shows.
    complete_each_page(app, _add_about, priority=900)


def _add_about(app: Sphinx, pagename: str, context: Context) -> None:
    """Insert it into the page's text: Furo's template has no block below the title."""
    body = context.get("body", "")
    place = _START_END if _START in body else _TITLE_END
    before, end, after = body.partition(place)
    if pagename not in app.env.found_docs or not end:
        return
    about = app.builder.templates.render(_ABOUT, context)
    context["body"] = before + end + about + after
