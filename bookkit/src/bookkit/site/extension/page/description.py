"""The description of a page in its head, for search engines and messengers.

The first paragraph of the text that all frameworks share, as a reader sees it, without
its marks; pages that have none get none.
"""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import Context
from bookkit.site.extension.search.blocks import said
from bookkit.site.sphinx_internals import VIEWPORT_TAG

#: What search engines show.
MOST_LETTERS = 160
_FEWEST_LETTERS = 60
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?= )")
_HALF_WORD = re.compile(r"(?<= )[!-~]+$|[，、；：,;:\s]+$")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _describe)


def _describe(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: Context,
    doctree: nodes.document | None,
) -> None:
    tags = VIEWPORT_TAG.sub("", context.get("metatags", ""))
    text = shortened(_first_paragraph(doctree)) if doctree is not None else ""
    # An author's own words come first.
    if text and 'name="description"' not in tags:
        tags += f'\n<meta name="description" content="{escape(text)}">'
    context["metatags"] = tags


def _first_paragraph(doctree: nodes.document) -> str:
    section = next(iter(doctree.findall(nodes.section)), None)
    for child in section.children if section is not None else ():
        if isinstance(child, nodes.section):
            break
        text = _plain(child) if isinstance(child, nodes.paragraph) else ""
        if text:
            return text
    return ""


def _plain(paragraph: nodes.paragraph) -> str:
    """Return a paragraph in one line, without marks of notes, formulas without gaps."""
    bare = paragraph.deepcopy()
    for mark in list(bare.findall(nodes.footnote_reference)):
        _replace(mark, "")
    for formula in list(bare.findall(nodes.math)):
        alone = nodes.paragraph("", "", formula.deepcopy())
        _replace(formula, "".join(said(alone).split()))
    return " ".join(said(bare).split())


def _replace(node: nodes.Element, text: str) -> None:
    assert node.parent is not None
    node.parent.replace(node, nodes.Text(text))


def shortened(text: str) -> str:
    """Return the whole sentences that search engines show, or else a part of the first.

    A text without spaces may be cut anywhere, others between words.
    """
    if len(text) <= MOST_LETTERS:
        return text
    ends = [end.end() for end in _SENTENCE_END.finditer(text[:MOST_LETTERS])]
    if ends and ends[-1] >= _FEWEST_LETTERS:
        return text[: ends[-1]]
    return _HALF_WORD.sub("", text[: MOST_LETTERS - 1]).rstrip() + "…"
