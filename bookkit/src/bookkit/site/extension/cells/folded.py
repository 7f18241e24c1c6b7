"""Cells with the mark `#@folded`: their code shows when the reader asks for it.

Our builder leaves the mark in what it hands to d2lbook, which knows no other way to say
so; it is dropped here.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from bookkit.book.marks import FOLDED
from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node


class folded_code(nodes.General, nodes.Element):  # type: ignore[misc]
    """The code of one cell, without its output."""


def setup(app: Sphinx) -> None:
    app.add_transform(FoldedCode)
    add_html_node(app, folded_code, _visit, _depart)


class FoldedCode(SphinxTransform):
    """Fold the code of cells that have the mark, and drop the mark."""

    default_priority = 4  # after outputs have been found below it, before tabs

    def apply(self, **kwargs: object) -> None:
        for block in list(self.document.findall(nodes.literal_block)):
            lines = block.astext().split("\n")
            kept = [line for line in lines if line.strip() != FOLDED]
            if len(kept) == len(lines) or block.parent is None:
                continue
            text = "\n".join(kept)
            block.rawsource = text
            block.children = []
            block += nodes.Text(text)
            fold = folded_code()
            block.parent.replace(block, fold)
            fold += block


def _visit(translator: HTML5Translator, node: folded_code) -> None:
    count = node.astext().strip("\n").count("\n") + 1
    text = word(translator.builder.config, "folded_code").format(count=count)
    translator.body.append(
        f'<details class="bk-folded"><summary>{escape(text)}</summary>\n'
    )


def _depart(translator: HTML5Translator, node: folded_code) -> None:
    translator.body.append("</details>\n")
