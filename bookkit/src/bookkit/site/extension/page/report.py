"""The link by which a reader tells of an error: the form knows page and versions.

Without a script it says which page; `report.js` adds framework, heading and address.
"""

from __future__ import annotations

from urllib.parse import quote

from sphinx.application import Sphinx

from bookkit.site.extension.base.book import words_of
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.settings import book_of
from bookkit.site.extension.cells.saved_names import title_of_page


def setup(app: Sphinx) -> None:
    complete_each_page(app, _add_link)


def _add_link(app: Sphinx, pagename: str, context: Context) -> None:
    form = book_of(app).pages.issues
    if not form or pagename not in app.env.found_docs:
        return
    words = words_of(app.config, "report_")
    title = " ".join(filter(None, title_of_page(app.env, pagename)))
    body = words["body"].format(
        title=title,
        file=f"{pagename}.md",
        release=app.config.release,
        place=words["place"],
    )
    asked = {
        "title": quote(words["title"].format(title=title), safe=""),
        "body": quote(body, safe=""),
    }
    context["bookkit_report"] = {
        "text": words["link"],
        "address": form.format_map(asked),
    }
