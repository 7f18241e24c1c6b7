"""Sections for some readers only: folded, and opened by the line of their heading.

Their title begins with the word that the book's language has for it, e.g. `选读：…`.
In the document they are sections like others, for contents, references and the search.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import word

_OPTIONAL = "bk-optional"


def setup(app: Sphinx) -> None:
    app.add_transform(OptionalSections)
    section, title = (_visit_section, _depart_section), (_visit_title, _depart_title)
    app.add_node(nodes.section, override=True, html=section)
    app.add_node(nodes.title, override=True, html=title)


class OptionalSections(SphinxTransform):
    """Mark the sections whose titles say that they may be skipped."""

    default_priority = 9

    def apply(self, **kwargs: object) -> None:
        wanted = word(self.config, "optional")
        page = next(iter(self.document.findall(nodes.section)), None)
        for section in self.document.findall(nodes.section):
            title = next(iter(section.children), None)
            if section is page or not isinstance(title, nodes.title):
                continue
            if title.astext().strip().startswith(wanted):
                section["classes"].append(_OPTIONAL)


def _is_optional(node: nodes.Node | None) -> bool:
    return isinstance(node, nodes.section) and _OPTIONAL in node["classes"]


def _visit_section(translator: HTML5Translator, node: nodes.section) -> None:
    HTML5Translator.visit_section(translator, node)
    if _is_optional(node):
        translator.body.append("<details>\n")


def _depart_section(translator: HTML5Translator, node: nodes.section) -> None:
    if _is_optional(node):
        translator.body.append("</details>\n")
    HTML5Translator.depart_section(translator, node)


def _visit_title(translator: HTML5Translator, node: nodes.title) -> None:
    if _is_optional(node.parent):
        translator.body.append("<summary>")
    HTML5Translator.visit_title(translator, node)


def _depart_title(translator: HTML5Translator, node: nodes.title) -> None:
    HTML5Translator.depart_title(translator, node)
    if _is_optional(node.parent):
        translator.body.append("</summary>\n")
