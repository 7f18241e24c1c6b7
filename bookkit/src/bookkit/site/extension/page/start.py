"""The directive `start`: one link for each framework to where the book begins.

    .. start:: chapter_one/index

The links carry the framework in their address, so they choose it without a script.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import is_frozen, title_of, word
from bookkit.site.extension.base.page_context import add_html_node

_logger = logging.getLogger(__name__)


class start_links(nodes.General, nodes.Element):  # type: ignore[misc]
    """Links to one page; attribute: target, its docname."""


def setup(app: Sphinx) -> None:
    add_html_node(app, start_links, _visit)
    app.add_directive("start", Start)


class Start(SphinxDirective):
    """Add the links; the page is named relative to the current one, as in a toctree."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        relative, _ = self.env.relfn2path(f"{self.arguments[0]}.rst")
        target = relative.removesuffix(".rst")
        if target not in self.env.found_docs:
            _logger.warning(
                "start: there is no page %r", target, location=self.get_location()
            )
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
