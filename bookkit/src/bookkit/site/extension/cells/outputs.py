"""Outputs of cells: what they are, and how much of them shows at once."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.sphinx_internals import CODE_BOXES, EMPTY_MARK

#: The classes of outputs: text, what a cell draws or writes as HTML, plots.
OUTPUT, RICH, PLOT = "output", "bk-rich", "bk-plot"
#: What needs no scrolling on most screens shows whole.
MOST_LINES, SHOWN_LINES = 24, 16


def setup(app: Sphinx) -> None:
    add_html_node(app, plot_caption, _visit_caption, _depart_caption)
    visitors = (_visit_block, HTML5Translator.depart_literal_block)
    app.add_node(nodes.literal_block, override=True, html=visitors)


class plot_caption(nodes.Part, nodes.TextElement):  # type: ignore[misc]
    """What a cell says of its picture: a caption of docutils would be numbered."""


def _visit_caption(translator: HTML5Translator, node: plot_caption) -> None:
    translator.body.append("<figcaption>")


def _depart_caption(translator: HTML5Translator, node: plot_caption) -> None:
    translator.body.append("</figcaption>\n")


def _visit_block(translator: HTML5Translator, node: nodes.literal_block) -> None:
    lines = node.astext().removesuffix("\n").split("\n")
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
    # Browsers leave out a line break at the beginning of such a box.
    block = block.replace(f"{EMPTY_MARK}\n", "<pre>\n\n").replace(EMPTY_MARK, "<pre>")
    return CODE_BOXES.sub(r"\1highlight\2\3</div>\n", block)


def _pre(lines: list[str]) -> str:
    text = escape("\n".join(lines), quote=False)
    first = "\n" if text.startswith("\n") or not text else ""
    return f"<pre>{first}{text}\n</pre>"
