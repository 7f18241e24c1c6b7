"""One link for each framework to where the book begins.

    .. container:: bookkit-start

       :doc:`chapter_one/index`

The links carry the framework in their address, so they choose it without a script.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import docname_join, logging
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import is_frozen, title_of, word
from bookkit.site.extension.base.filled import add_filled
from bookkit.site.extension.base.page_context import add_html_node

_logger = logging.getLogger(__name__)


class start_links(nodes.General, nodes.Element):  # type: ignore[misc]
    """Links to one page; attribute: target, its docname."""


def setup(app: Sphinx) -> None:
    add_html_node(app, start_links, _visit)
    add_filled("start", _links)


def _links(env: BuildEnvironment, container: nodes.container) -> list[nodes.Node]:
    """Make the links; the page is the one that the author's text links to."""
    links = container.findall(addnodes.pending_xref)
    named = next((one["reftarget"] for one in links if one["reftype"] == "doc"), "")
    target = docname_join(env.docname, named)
    if target not in env.found_docs:
        found = f"there is no page {target!r}" if named else "no `:doc:` names a page"
        _logger.warning("bookkit-start: %s", found, location=container)
        return []
    return [start_links(target=target)]


def _visit(translator: HTML5Translator, node: start_links) -> None:
    config, builder = translator.builder.config, translator.builder
    address = builder.get_relative_uri(builder.current_docname, node["target"])
    label = escape(word(config, "start_label"))
    translator.body.append(f'<nav class="bk-start" aria-label="{label}"><ul>\n')
    for tab in config.bookkit_tabs or [""]:
        asked = f"?tab={tab}" if len(config.bookkit_tabs) > 1 else ""
        said = word(config, "start" if asked else "start_only")
        text = escape(said.format(title=title_of(config, tab)))
        note = ""
        if tab and is_frozen(config, tab):
            note = f' <span class="bk-start-note">{word(config, "start_frozen")}</span>'
        translator.body.append(
            f'<li><a class="bk-start-link" href="{escape(address + asked)}">'
            f"{text}{note}</a></li>\n"
        )
    translator.body.append("</ul></nav>\n")
