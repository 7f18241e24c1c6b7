"""Solutions on a page: folded, each under its exercise."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node


class solution(nodes.General, nodes.Element):  # type: ignore[misc]
    """The solution of the exercise above it."""


def setup(app: Sphinx) -> None:
    add_html_node(app, solution, _visit, _depart)


def _visit(translator: HTML5Translator, node: solution) -> None:
    summary = escape(word(translator.builder.config, "solution"))
    translator.body.append(
        f'<details class="bk-solution">\n<summary>{summary}</summary>\n'
    )


def _depart(translator: HTML5Translator, node: solution) -> None:
    translator.body.append("</details>\n")
