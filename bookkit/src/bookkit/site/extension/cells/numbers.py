"""Numbers of cells: `cell-7` is the address of a page's seventh, whoever reads it.

What differs from framework to framework has one number: its group's. Solutions' cells
count for themselves (`cell-s1`), as they come between those of the section.
"""

from __future__ import annotations

from collections import Counter
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node


class code_cell(nodes.General, nodes.Element):  # type: ignore[misc]
    """A cell that is the same for all readers, with what it gave."""


class CellNumbers:
    """Gives the cells of one page their numbers, in the order of the page."""

    def __init__(self, document: nodes.document) -> None:
        self._document = document
        self._count: Counter[str] = Counter()

    def give(self, cell: nodes.Element, *, solves: bool) -> None:
        """Make the next number the address of a cell or a group."""
        kind = "s" if solves else ""
        self._count[kind] += 1
        cell["number"] = f"{kind}{self._count[kind]}"
        address = f"cell-{cell['number']}"
        if address not in self._document.ids:  # a label of the author's
            cell["ids"].append(address)
            self._document.ids[address] = cell


def setup(app: Sphinx) -> None:
    add_html_node(app, code_cell, _visit, _depart)


def add_link(translator: HTML5Translator, cell: nodes.Element) -> None:
    """Write a numbered cell's link to itself."""
    number = cell["number"]
    title = word(translator.builder.config, "cell_number").format(number=number)
    translator.body.append(
        f'<a class="bk-cell-number" href="#cell-{number}" title="{escape(title)}">'
        f"{number}</a>\n"
    )


def _visit(translator: HTML5Translator, node: code_cell) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="bk-cell"))
    add_link(translator, node)


def _depart(translator: HTML5Translator, node: code_cell) -> None:
    translator.body.append("</div>\n")
