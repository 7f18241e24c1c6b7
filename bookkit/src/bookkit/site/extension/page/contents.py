"""Lists of contents: entries say which frameworks their page lacks; fewer numbers.

Of a large book, the tree beside each page has only the chapter at hand: one of three
hundred pages is forty kilobytes, in each of them, and Furo reads it again each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from sphinx.application import Sphinx

from bookkit.site.extension.base.book import title_of, word
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.page_tabs import tabs_of
from bookkit.site.sphinx_internals import CONTENTS_ENTRY

#: From this number of pages on, chapters other than the reader's are folded away.
_LARGE = 80
_NUMBER = re.compile(r"(?<=\">)(?:\d+\.)+\d+ (?=.*</a>)")


def setup(app: Sphinx) -> None:
    # Before Furo makes its sidebar of Sphinx's list.
    complete_each_page(app, _mark_lists, priority=400)


def _mark_lists(app: Sphinx, pagename: str, context: Context) -> None:
    # A page's own list: headings are told apart without their numbers.
    context["toc"] = _NUMBER.sub("", context.get("toc", ""))
    marks = _marks(app, pagename)
    folded = {"collapse": True} if len(app.env.found_docs) >= _LARGE else {}
    if not marks and not folded:
        return

    def marked(html: str) -> str:
        return CONTENTS_ENTRY.sub(
            lambda entry: f"{entry['link']}{marks.get(entry['href'], '')}</a>", html
        )

    context["body"] = marked(context.get("body", ""))
    listed: Callable[..., str] = context["toctree"]
    context["toctree"] = lambda **options: marked(listed(**{**options, **folded}))


def _marks(app: Sphinx, pagename: str) -> dict[str, str]:
    """Return what to add to links, by the address of pages that lack a framework."""
    marks = {}
    for docname in sorted(app.env.found_docs):
        having = tabs_of(app.env, docname)
        lacking = [tab for tab in app.config.bookkit_tabs if tab not in having]
        if lacking:
            href = app.builder.get_relative_uri(pagename, docname) or "#"
            marks[href] = "".join(_mark(app, tab) for tab in lacking)
    return marks


def _mark(app: Sphinx, tab: str) -> str:
    text = word(app.config, "switch_lacks").format(title=title_of(app.config, tab))
    return (
        f' <span class="bk-lacks bk-for" data-tab="{escape(tab)}">{escape(text)}</span>'
    )
