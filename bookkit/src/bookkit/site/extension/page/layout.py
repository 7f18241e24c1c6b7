"""Our templates, and what stands below the title of a page, or below its start."""

from __future__ import annotations

from importlib.resources import files

from sphinx.application import Sphinx
from sphinx.config import Config

from bookkit.site.extension.base.page_context import Context, complete_each_page

_TEMPLATES = files("bookkit.site") / "templates"
_ABOUT = "parts/about.html"
_TITLE_END = "</h1>"
# A page to begin at says first what the book is, and where to begin.
_START, _START_END = 'class="bk-start"', "</nav>"


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _add_templates)
    # After the parts that put into the context what the template shows.
    complete_each_page(app, _add_about, priority=900)


def _add_templates(app: Sphinx, config: Config) -> None:
    config.templates_path = [*config.templates_path, str(_TEMPLATES)]
    config.html_use_index = False  # there is nothing that it could list


def _add_about(app: Sphinx, pagename: str, context: Context) -> None:
    """Put it there in the page's own text: no block of Furo's template is below it."""
    body = context.get("body", "")
    place = _START_END if _START in body else _TITLE_END
    before, end, after = body.partition(place)
    if pagename not in app.env.found_docs or not end:
        return
    about = app.builder.templates.render(_ABOUT, context)
    context["body"] = before + end + about + after
