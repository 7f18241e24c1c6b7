"""Cells with the mark `#@folded`: their code shows when the reader asks for it."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node


class folded_code(nodes.General, nodes.Element):  # type: ignore[misc]
    """The code of one cell, without its output."""


def setup(app: Sphinx) -> None:
    add_html_node(app, folded_code, _visit, _depart)


def _visit(translator: HTML5Translator, node: folded_code) -> None:
    count = node.astext().strip("\n").count("\n") + 1
    text = word(translator.builder.config, "folded_code").format(count=count)
    translator.body.append(
        f'<details class="bk-folded"><summary>{escape(text)}</summary>\n'
    )


def _depart(translator: HTML5Translator, node: folded_code) -> None:
    translator.body.append("</details>\n")
