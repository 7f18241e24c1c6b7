"""Tab groups: what differs from framework to framework.

Without JavaScript all panels show, each with its label; `chip.js` gives cells a chip
that names the framework and opens the others.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import title_of, word
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.extension.cells.numbers import add_link


class tab_group(nodes.General, nodes.Element):  # type: ignore[misc]
    """Alternatives of one place; attribute: kind (`code` or `text`)."""


class tab_panel(nodes.General, nodes.Element):  # type: ignore[misc]
    """The alternative of one tab; attributes: tab, title."""


def setup(app: Sphinx) -> None:
    add_html_node(app, tab_group, _visit_group, _depart)
    add_html_node(app, tab_panel, _visit_panel, _depart)


def _visit_group(translator: HTML5Translator, node: tab_group) -> None:
    config: Config = translator.builder.config
    panels = list(node.findall(tab_panel))
    present = [panel["tab"] for panel in panels]
    # Most groups have every tab: what they have is told of the others.
    is_whole = set(present) >= set(config.bookkit_tabs)
    told = {} if is_whole else {"data-tabs": " ".join(present)}
    kind = f"bk-tabs bk-tabs-{node['kind']}"
    translator.body.append(translator.starttag(node, "div", CLASS=kind, **told))
    if "number" in node:
        add_link(translator, node)
    for tab in config.bookkit_tabs:
        if tab not in present:
            text = word(config, "absent").format(title=title_of(config, tab))
            translator.body.append(
                f'<p class="bk-absent" data-tab="{escape(tab)}">{escape(text)}</p>\n'
            )


def _visit_panel(translator: HTML5Translator, node: tab_panel) -> None:
    translator.body.append(
        f'<div class="bk-panel" data-tab="{escape(node["tab"])}">\n'
        f'<p class="bk-panel-label">{escape(node["title"])}</p>\n'
    )


def _depart(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append("</div>\n")
