"""The pages before and after each page, for the frameworks that these have."""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from bookkit.site.extension.base.book import title_of
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.page_tabs import tabs_of


def setup(app: Sphinx) -> None:
    complete_each_page(app, _add_related)


def _add_related(app: Sphinx, pagename: str, context: Context) -> None:
    # Where Sphinx's relations of a page name its neighbours.
    for name, side in (("bookkit_previous", 1), ("bookkit_next", 2)):
        context[name] = _links(app, pagename, side)


def _links(app: Sphinx, docname: str, side: int) -> list[dict[str, object]]:
    """Return one link where all frameworks agree, else one for each that has any."""
    config = app.config
    found = {tab: _nearest(app, docname, side, tab) for tab in config.bookkit_tabs}
    pages = set(found.values()) or {_nearest(app, docname, side, None)}
    if len(pages) == 1:
        found = {"": pages.pop()}
    builder = _builder(app)
    return [
        {
            "link": builder.get_relative_uri(docname, page),
            "title": builder.render_partial(app.env.titles[page])["title"],
            "is_home": page == config.root_doc,
            "tab": tab,
            "label": title_of(config, tab),
        }
        for tab, page in found.items()
        if page
    ]


def _nearest(app: Sphinx, docname: str, side: int, tab: str | None) -> str | None:
    """Return the next page on one side that has the tab."""
    relations = _builder(app).relations
    page = relations.get(docname, (None, None, None))[side]
    while page and tab and tab not in tabs_of(app.env, page):
        page = relations[page][side]
    return page


def _builder(app: Sphinx) -> StandaloneHTMLBuilder:
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    return app.builder
