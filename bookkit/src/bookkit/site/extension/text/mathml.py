"""Formulas as MathML, made while building: no script, no font, no request."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import escape

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

_logger = logging.getLogger(__name__)
# A line must not begin with these, yet browsers break between them and a formula.
_CLOSING = re.compile(
    r"[\u2019\u201d\u3001\u3002\u3009\u300b\u300d\u300f\uff01\uff09\uff0c\uff1a\uff1b\uff1f,.;:!?)]+"
)
_ROWS = re.compile(r"\\\\")
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_BETWEEN = re.compile(r"(?<=>)\n\s*(?=<)")
# Signs that docutils lets grow where LaTeX does so after `\left` and `\right` only.
_FENCES = "⌊⌋⌈⌉⟨⟩‖"
# What stands below or above a brace belongs to it: its label is no index beside it.
_LABELLED = {"msub": ("munder", "⏟"), "msup": ("mover", "⏞")}


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
    translator.body.append(_convert(node.astext(), node, as_block=False))
    raise nodes.SkipNode


def _visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    attributes = {"class": "bk-math"}
    translator.body.append(translator.starttag(node, "div", "", **attributes))
    # Sphinx takes a blank line for the start of another equation.
    for part in filter(None, (part.strip() for part in node.astext().split("\n\n"))):
        translator.body.append('<div class="bk-formula">')
        translator.body.append(_convert(_aligned(part), node, as_block=True))
        translator.body.append("</div>")
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="bk-eqno">({number})')
        translator.add_permalink_ref(node, translator.config.language)
        translator.body.append("</span>")
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def _aligned(source: str) -> str:
    has_rows = _ROWS.search(source) and r"\begin" not in source
    return rf"\begin{{aligned}}{source}\end{{aligned}}" if has_rows else source


def as_latex_has_it(formula: str) -> str:
    """Return docutils' MathML with the fences and labels of braces that LaTeX has."""
    if not any(sign in formula for sign in f"{_FENCES}⏟⏞"):
        return formula
    ET.register_namespace("", _NAMESPACE)
    root = ET.fromstring(formula)
    for parent in root.iter():
        _label_brace(parent)
        signs = list(parent)
        # What `\left` and `\right` enclose is a row between them.
        for sign in signs[1:-1] if _name(parent) == "mrow" else signs:
            if _name(sign) == "mo" and sign.text and sign.text in _FENCES:
                sign.set("stretchy", "false")
    return ET.tostring(root, encoding="unicode")


def _name(part: ET.Element) -> str:
    return part.tag.rpartition("}")[2]


def _label_brace(part: ET.Element) -> None:
    wanted, brace = _LABELLED.get(_name(part), ("", ""))
    if wanted and _name(part[0]) == wanted and part[0][-1].text == brace:
        part.tag = f"{{{_NAMESPACE}}}{wanted}"


def mathml_of(source: str, *, as_block: bool) -> str:
    """Return a formula as HTML has it.

    Raises:
        MathError: it cannot be read.
    """
    formula = as_latex_has_it(str(tex2mathml(source, as_block=as_block)))
    return _BETWEEN.sub("", formula.replace(f' xmlns="{_NAMESPACE}"', "", 1))


def _convert(source: str, node: nodes.Element, *, as_block: bool) -> str:
    try:
        return mathml_of(source, as_block=as_block)
    except MathError as error:
        _logger.warning("formula %r cannot be read: %s", source, error, location=node)
        return f"<code>{escape(source)}</code>"
