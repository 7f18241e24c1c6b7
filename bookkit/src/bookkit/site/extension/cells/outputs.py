"""Outputs of cells: what they are, and how much of them shows at once.

nbconvert writes them as `parsed-literal`, whose text is markup: `*args` or `name_`
in an output would be read as emphasis or a broken link. An output is plain text.
Tables and pictures that a cell made are outputs as well, and look like it.
"""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.parsers.rst.directives.body import ParsedLiteral
from docutils.parsers.rst.roles import set_classes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.d2lbook_internals import OUTPUT
from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.marking import CAPTION, DIRECTIVE
from bookkit.site.sphinx_internals import CODE_BOXES, EMPTY_MARK

_RICH, _PLOT = "bk-rich", "bk-plot"
#: What needs no scrolling on most screens shows whole.
MOST_LINES, SHOWN_LINES = 24, 16
_TRACEBACK = re.compile(r"^(?:\w.*)?Traceback \(most recent call last\)", re.M)
_WARNING = re.compile(r"^(?:\S.*:\d+: )?\w*Warning: ", re.M)
# Authors' own HTML below a cell: parts of elements that go on after it.
_PARTIAL = re.compile(r"\s*(?:</|<details|<summary|<!--)|.*mdl-", re.S)

# The corner of pandas' tables: a header of nothing.
_NO_HEADER = re.compile(r"<th\b[^>]*>\s*</th>")


def setup(app: Sphinx) -> None:
    # Replaces docutils' own directive, which app.add_directive would only do
    # for directives that Sphinx registered.
    directives.register_directive("parsed-literal", OutputOrParsedLiteral)
    app.add_directive(DIRECTIVE, MarkedOutput)
    app.add_directive(CAPTION, Caption)
    add_html_node(app, plot_caption, _visit_caption, _depart_caption)
    app.add_transform(RichOutputs)
    visitors = (_visit_block, HTML5Translator.depart_literal_block)
    app.add_node(nodes.literal_block, override=True, html=visitors)


class OutputOrParsedLiteral(ParsedLiteral):  # type: ignore[misc]
    """`parsed-literal` that takes d2lbook's outputs literally."""

    def run(self) -> list[nodes.Node]:
        if OUTPUT not in self.options.get("class", []):
            return list(super().run())
        self.assert_has_content()
        set_classes(self.options)
        text = "\n".join(self.content)
        return [_block(self, text, _kind_of(text), **self.options)]


class MarkedOutput(Directive):  # type: ignore[misc]
    """An output whose kind `bookkit.site.marking` has marked."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        text = "\n".join(self.content)
        kind = _kind_of(text) or self.arguments[0]
        return [_block(self, text, kind, classes=[OUTPUT])]


class plot_caption(nodes.Part, nodes.TextElement):  # type: ignore[misc]
    """What a cell says of its picture: a caption of docutils would be numbered."""


class Caption(Directive):  # type: ignore[misc]
    """The caption of a picture, which `bookkit.site.marking` has written below it."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        text = " ".join(self.content)
        return [plot_caption(text, text)]


def _block(
    directive: Directive, text: str, kind: str, **options: object
) -> nodes.literal_block:
    block = nodes.literal_block(text, text, language="none", **options)
    block["classes"] += [f"bk-{kind}"] if kind else []
    place = directive.state_machine.get_source_and_line(directive.lineno)
    block.source, block.line = place
    return block


def _kind_of(text: str) -> str:
    if _TRACEBACK.search(text):
        return "traceback"
    return "warning" if _WARNING.search(text) else ""


class RichOutputs(SphinxTransform):
    """Recognise tables and pictures that stand right below a cell's code."""

    default_priority = 4  # before the tabs are collected: everything is in one row

    def apply(self, **kwargs: object) -> None:
        for block in list(self.document.findall(nodes.literal_block)):
            row = block.parent
            assert row is not None
            at = row.index(block) + 1
            while at < len(row) and self._take(row, at):
                at += 1

    def _take(self, row: nodes.Element, at: int) -> bool:
        """Mark the output at this index; return False if it is none."""
        node = row[at]
        if isinstance(node, nodes.figure) and not list(node.findall(nodes.caption)):
            node["classes"].append(_RICH)
            if at + 1 < len(row) and isinstance(row[at + 1], plot_caption):
                _give_caption(node, row.pop(at + 1))
            for image in node.findall(nodes.image):
                image["alt"] = image.get("alt") or word(self.config, "output_image")
            return True
        if not isinstance(node, nodes.raw):
            return False
        if node["format"] != "html":
            return True  # for LaTeX: nothing on a page
        if _PARTIAL.match(node.astext()):
            return False
        html = _NO_HEADER.sub("<td></td>", node.astext())
        box = nodes.container(classes=[_RICH, "bk-rich-html"])
        box += nodes.raw("", html, format="html")
        row[at] = box
        return True


def _give_caption(figure: nodes.figure, caption: nodes.Node) -> None:
    figure["classes"].append(_PLOT)
    figure += caption
    for image in figure.findall(nodes.image):
        image["alt"] = caption.astext()


def _visit_caption(translator: HTML5Translator, node: plot_caption) -> None:
    translator.body.append("<figcaption>")


def _depart_caption(translator: HTML5Translator, node: plot_caption) -> None:
    translator.body.append("</figcaption>\n")


def _visit_block(translator: HTML5Translator, node: nodes.literal_block) -> None:
    lines = node.astext().split("\n")
    if OUTPUT not in node["classes"] or len(lines) <= MOST_LINES:
        _visit_code(translator, node)
        return
    # A traceback says at its end what happened.
    ends = "bk-traceback" in node["classes"]
    count = len(lines) - SHOWN_LINES
    cut = count if ends else SHOWN_LINES
    config = translator.builder.config
    more = word(config, "output_before" if ends else "output_after").format(count=count)
    parts = [_pre(lines[:cut]), _pre(lines[cut:])]
    hidden = 0 if ends else 1
    parts[hidden] = (
        f'<details class="bk-fold"><summary>'
        f'<span class="bk-fold-more">{escape(more)}</span>'
        f'<span class="bk-fold-less">{escape(word(config, "output_fold"))}</span>'
        f"</summary>{parts[hidden]}</details>"
    )
    opening = translator.starttag(node, "div", "", CLASS="highlight notranslate")
    translator.body += [opening, *parts, "</div>\n"]
    raise nodes.SkipNode


def _visit_code(translator: HTML5Translator, node: nodes.literal_block) -> None:
    try:
        HTML5Translator.visit_literal_block(translator, node)
    except nodes.SkipNode:
        translator.body[-1] = with_one_box(translator.body[-1])
        raise


def with_one_box(block: str) -> str:
    """Return the HTML of a block of code with one box instead of two."""
    block = block.replace(EMPTY_MARK, "<pre>")
    return CODE_BOXES.sub(r"\1highlight\2\3</div>\n", block)


def _pre(lines: list[str]) -> str:
    text = "\n".join(lines)
    return f"<pre>{escape(text, quote=False)}\n</pre>"
