"""The choice of framework, for the templates."""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.base.book import title_of, words_of
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.page_tabs import tabs_of

_GROUP = '<div class="bk-tabs'


def setup(app: Sphinx) -> None:
    complete_each_page(app, _add_choice)


def _add_choice(app: Sphinx, pagename: str, context: Context) -> None:
    config = app.config
    titles = [(tab, title_of(config, tab)) for tab in config.bookkit_tabs]
    having = tabs_of(app.env, pagename)
    context["bookkit_switch"] = words_of(config, "switch_")
    context["bookkit_titles"] = titles
    context["bookkit_has_groups"] = _GROUP in context.get("body", "")
    context["bookkit_having"] = [entry for entry in titles if entry[0] in having]
    context["bookkit_lacking"] = [entry for entry in titles if entry[0] not in having]
