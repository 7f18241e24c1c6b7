"""Cells with the mark `#@folded`: their code shows when the reader asks for it.

Our builder leaves marks in what it hands to d2lbook, which knows no other way to say
so; they are dropped here.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from bookkit.book.marks import FOLDED
from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.marking import FOLD_END


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
            parent = block.parent
            if parent is not None and FOLDED in map(str.strip, _lines(block)):
                parent.replace(block, list(_parts(block)))


def _parts(block: nodes.literal_block) -> Iterator[nodes.Element]:
    """Yield the cells of a block, in which d2lbook may have joined several."""
    cells: list[tuple[bool, list[str]]] = [(False, [])]
    for line in _lines(block):
        mark = line.strip()
        if mark in (FOLDED, FOLD_END):
            cells.append((mark == FOLDED, []))
        else:
            cells[-1][1].append(line)
    for is_folded, lines in cells:
        text = "\n".join(lines).strip("\n")
        if not text:
            continue
        part = nodes.literal_block(text, text, **block.attributes)
        part.source, part.line = block.source, block.line
        yield folded_code("", part) if is_folded else part


def _lines(block: nodes.literal_block) -> list[str]:
    return str(block.astext()).split("\n")


def _visit(translator: HTML5Translator, node: folded_code) -> None:
    count = node.astext().strip("\n").count("\n") + 1
    text = word(translator.builder.config, "folded_code").format(count=count)
    translator.body.append(
        f'<details class="bk-folded"><summary>{escape(text)}</summary>\n'
    )


def _depart(translator: HTML5Translator, node: folded_code) -> None:
    translator.body.append("</details>\n")
