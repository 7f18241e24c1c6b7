"""Turn d2lbook's tab markup into tab groups.

d2lbook writes the start and the end of every group and panel as raw HTML between
the cells. We find these marks and give the panels a node of their own. Without
JavaScript all panels show, each with its label; `tabs.js` writes the row of
tabs above them, with the roles and keys of the ARIA tabs pattern.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.d2lbook_internals import TAB_GROUP, TAB_PANEL
from bookkit.site.extension.base.book import title_of, word
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.extension.base.page_tabs import IN_GROUPS

_logger = logging.getLogger(__name__)
_CLOSE = "</div>"


class tab_group(nodes.General, nodes.Element):  # type: ignore[misc]
    """Alternatives of one place; attribute: kind (`code` or `text`)."""


class tab_panel(nodes.General, nodes.Element):  # type: ignore[misc]
    """The alternative of one tab; attributes: tab, title."""


def setup(app: Sphinx) -> None:
    add_html_node(app, tab_group, _visit_group, _depart)
    add_html_node(app, tab_panel, _visit_panel, _depart)
    app.add_transform(TabGroups)


class TabGroups(SphinxTransform):
    """Collect what lies between d2lbook's marks."""

    default_priority = 5

    def apply(self, **kwargs: object) -> None:
        for mark in list(self.document.findall(nodes.raw)):
            match = TAB_GROUP.search(_html(mark))
            if match and not self._collect(mark, match["kind"] or "code"):
                _logger.warning(
                    "a tab block contains a heading, or a cell that ends its HTML "
                    "early; move the heading out of the tab block",
                    location=mark,
                )

    def _collect(self, mark: nodes.raw, kind: str) -> bool:
        """Replace the group that starts at `mark`; False when it has no end."""
        parent = mark.parent
        assert parent is not None
        start = parent.index(mark)
        group = tab_group(kind=kind)
        panel: tab_panel | None = None
        for end in range(start + 1, len(parent)):
            node = parent[end]
            opening = TAB_PANEL.search(_html(node))
            if panel is None and opening:
                tab = opening["tab"]
                panel = tab_panel(tab=tab, title=title_of(self.config, tab))
            elif panel is not None and _html(node) == _CLOSE:
                group += panel
                panel = None
            elif _html(node) == _CLOSE:
                parent[start : end + 1] = self._without_repetition(group)
                return True
            elif panel is not None:
                panel += node.deepcopy()
        return False

    def _without_repetition(self, group: tab_group) -> list[nodes.Node]:
        """Return one panel's content alone where every tab says exactly the same."""
        panels = list(group.children)
        tabs = {panel["tab"] for panel in panels}
        in_groups = IN_GROUPS.of(self.env)
        before = in_groups.get(self.env.docname, [])
        in_groups[self.env.docname] = sorted({*before, *tabs})
        if any(group.findall(nodes.literal_block)):
            group["kind"] = "code"  # d2lbook calls it text when prose comes first.
        contents = {"".join(node.pformat() for node in one.children) for one in panels}
        if tabs == set(self.config.bookkit_tabs) and len(contents) == 1:
            return list(panels[0].children)
        return [group]


def _html(node: nodes.Node) -> str:
    is_html = isinstance(node, nodes.raw) and "html" in node.get("format", "").split()
    return node.astext().strip() if is_html else ""


def _visit_group(translator: HTML5Translator, node: tab_group) -> None:
    config: Config = translator.builder.config
    panels = list(node.findall(tab_panel))
    present = [panel["tab"] for panel in panels]
    # Most groups have every tab: what they have is told of the others.
    is_whole = set(present) >= set(config.bookkit_tabs)
    told = "" if is_whole else f' data-tabs="{escape(" ".join(present))}"'
    translator.body.append(
        f'<div class="bk-tabs bk-tabs-{escape(node["kind"])}"{told}>\n'
    )
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
