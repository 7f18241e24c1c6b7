"""Formulas as MathML, made while building: no script, no font, no request."""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from bookkit.book.formulas import FormulaError, mathml

_logger = logging.getLogger(__name__)
# A line must not begin with these, yet browsers break between them and a formula.
_CLOSING = re.compile(
    r"[\u2019\u201d\u3001\u3002\u3009\u300b\u300d\u300f\uff01\uff09\uff0c\uff1a\uff1b\uff1f,.;:!?)]+"
)


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("bookkit", (_visit_inline, None), (_visit_block, None))
    app.add_transform(KeepPunctuation)


class KeepPunctuation(SphinxTransform):
    """Tie a formula to the punctuation that follows it."""

    default_priority = 8

    def apply(self, **kwargs: object) -> None:
        for formula in list(self.document.findall(nodes.math)):
            following = formula.next_node(descend=False, siblings=True)
            if not isinstance(following, nodes.Text) or formula.parent is None:
                continue
            text = following.astext()
            match = _CLOSING.match(text)
            if match is None:
                continue
            tied = nodes.inline("", "", classes=["bk-unbroken"])
            formula.parent.replace(following, nodes.Text(text[match.end() :]))
            formula.parent.replace(formula, tied)
            tied += [formula, nodes.Text(match[0])]


def _visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(_convert(node.astext(), node, block=False))
    raise nodes.SkipNode


def _visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    attributes = {"class": "bk-math"}
    translator.body.append(translator.starttag(node, "div", "", **attributes))
    # Sphinx takes a blank line for the start of another equation.
    for part in filter(None, (part.strip() for part in node.astext().split("\n\n"))):
        translator.body.append('<div class="bk-formula">')
        translator.body.append(_convert(part, node, block=True))
        translator.body.append("</div>")
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="bk-eqno">({number})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def _convert(source: str, node: nodes.Element, *, block: bool) -> str:
    try:
        return mathml(source, block=block)
    except FormulaError as error:
        _logger.warning("formula %r cannot be shown: %s", source, error, location=node)
        return f"<code>{escape(source)}</code>"
