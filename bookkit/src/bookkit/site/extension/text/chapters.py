"""Word references to whole chapters.

Sphinx has one format for sections of every depth; `第1章` and `1.1节` need two.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

from bookkit.site.sphinx_internals import NUMBERED_REFERENCE

_DEPTH_ONE = re.compile(r"\d+")


def setup(app: Sphinx) -> None:
    app.add_config_value("bookkit_chapter_format", "", "env", types=str)
    app.connect("doctree-resolved", _word_chapters)


def _word_chapters(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    chapter_format = app.config.bookkit_chapter_format
    section_format = app.config.numfig_format.get("section", "")
    if not chapter_format or "%s" not in section_format:
        return
    before, _, after = section_format.partition("%s")
    for inline in doctree.findall(nodes.inline):
        text = inline.astext()
        if NUMBERED_REFERENCE not in inline["classes"]:
            continue
        number = text.removeprefix(before).removesuffix(after)
        if before + number + after == text and _DEPTH_ONE.fullmatch(number):
            inline.children = [nodes.Text(chapter_format % number)]
            inline.children[0].parent = inline
