"""One link for each framework to where the book begins, with a cell to look at.

    .. container:: bookkit-start

       :doc:`chapter_one/index`, as in :doc:`chapter_one/section`

The links carry the framework in their address, so they choose it without a script. A
second page, if one is named, shows what reading will be like: its first cell that has
a version and an output in every framework.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import docname_join, logging
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import is_frozen, title_of, word
from bookkit.site.extension.base.changed import changed_pages
from bookkit.site.extension.base.filled import add_filled
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.extension.cells.outputs import OUTPUT
from bookkit.site.extension.cells.tabs import tab_group, tab_panel

_logger = logging.getLogger(__name__)


# In a page's metadata: the page that its cell is from.
_SHOWN = "bookkit-start-shown"


class start_links(nodes.General, nodes.Element):  # type: ignore[misc]
    """Links to one page; attribute: shown, the page of the cell, or nothing."""


class start_link(nodes.General, nodes.Element):  # type: ignore[misc]
    """The link of one framework and its cell; attributes: target, a docname, tab."""


def setup(app: Sphinx) -> None:
    add_html_node(app, start_links, _visit_links, _depart_links)
    add_html_node(app, start_link, _visit_link, _depart_link)
    add_filled("start", _links)
    app.connect("env-get-outdated", _outdated)
    # Other pages are known by then, and the search has read this one.
    app.connect("doctree-resolved", _show_cells, priority=900)


def _links(env: BuildEnvironment, container: nodes.container) -> list[nodes.Node]:
    """Make the links; the page is the first that the author's text links to."""
    links = container.findall(addnodes.pending_xref)
    named = [one["reftarget"] for one in links if one["reftype"] == "doc"]
    pages = [docname_join(env.docname, name) for name in named]
    for page in pages or [""]:
        if page not in env.found_docs:
            found = f"there is no page {page!r}" if page else "no `:doc:` names a page"
            _logger.warning("bookkit-start: %s", found, location=container)
            return []
    shown = pages[1] if len(pages) > 1 else ""
    env.metadata[env.docname][_SHOWN] = shown
    tabs = list(env.config.bookkit_tabs) or [""]
    cards = [start_link(target=pages[0], tab=tab) for tab in tabs]
    return [start_links("", *cards, shown=shown)]


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], *_: set[str]
) -> list[str]:
    """Return the pages that show a cell of a page that changed."""
    now = {*added, *changed, *changed_pages(app, env)}
    return [page for page, known in env.metadata.items() if known.get(_SHOWN) in now]


def _show_cells(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for links in doctree.findall(start_links):
        if links["shown"]:
            cells = _cells(app.env.get_doctree(links["shown"]), links.children)
            for link in links.findall(start_link):
                link += cells.get(link["tab"], [])


def _cells(
    doctree: nodes.document, links: list[nodes.Node]
) -> dict[str, list[nodes.Node]]:
    """Return code and output of the first cell that has both for all links, by tab."""
    wanted = {link["tab"] for link in links if isinstance(link, start_link)}
    for group in doctree.findall(tab_group):
        found = {
            panel["tab"]: list(_copied(panel)) for panel in group.findall(tab_panel)
        }
        whole = {tab for tab, blocks in found.items() if len(blocks) > 1}
        if group["kind"] == "code" and whole >= wanted:
            return found
    return {}


def _copied(panel: nodes.Element) -> Iterator[nodes.Node]:
    """Yield blocks with the same text, without names and links: it is no cell here."""
    for block in panel.findall(nodes.literal_block):
        text = block.astext()
        classes = [name for name in block["classes"] if name == OUTPUT]
        language = block.get("language", "none")
        yield nodes.literal_block(
            text, text, language=language, force=True, classes=classes
        )


def _visit_links(translator: HTML5Translator, node: start_links) -> None:
    label = escape(word(translator.builder.config, "start_label"))
    translator.body.append(f'<nav class="bk-start" aria-label="{label}"><ul>\n')


def _depart_links(translator: HTML5Translator, node: start_links) -> None:
    translator.body.append("</ul></nav>\n")


def _visit_link(translator: HTML5Translator, node: start_link) -> None:
    config, builder = translator.builder.config, translator.builder
    address = builder.get_relative_uri(builder.current_docname, node["target"])
    tab = node["tab"]
    asked = f"?tab={tab}" if len(config.bookkit_tabs) > 1 else ""
    said = word(config, "start" if asked else "start_only")
    text = escape(said.format(title=title_of(config, tab)))
    note = ""
    if tab and is_frozen(config, tab):
        note = f' <span class="bk-start-note">{word(config, "start_frozen")}</span>'
    translator.body.append(
        f'<li><a class="bk-start-link" href="{escape(address + asked)}">'
        f"<span>{text}</span>{note}</a>\n"
    )


def _depart_link(translator: HTML5Translator, node: start_link) -> None:
    translator.body.append("</li>\n")
