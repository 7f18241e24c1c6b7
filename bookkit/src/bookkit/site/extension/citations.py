"""The list of works cited, with roles and languages that assistive technology takes.

docutils gives the entries a deprecated role, which no list may have. An entry without
a single Han character, in a book full of them, is about a work in English, as most are.
In Chinese text, citations stand in its own brackets, which have no space around them.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

_ROLE = 'role="doc-biblioentry"'
_HAN = re.compile("[\u4e00-\u9fff]")


def setup(app: Sphinx) -> None:
    app.add_node(nodes.citation, override=True, html=(_visit, _depart))
    app.connect("doctree-resolved", _bracket)


def _is_chinese(app: Sphinx | HTML5Translator) -> bool:
    return str(app.config.language).startswith("zh")


def _bracket(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for inline in doctree.findall(nodes.inline) if _is_chinese(app) else ():
        text = inline.astext()
        if "bibtex-citation" not in inline["classes"] or not text.startswith("("):
            continue
        inline[0] = nodes.Text("（" + inline[0].astext()[1:])
        inline[-1] = nodes.Text(inline[-1].astext()[:-1] + "）")
        place = inline.parent.index(inline)
        before = inline.parent[place - 1] if place else None
        if isinstance(before, nodes.Text):
            inline.parent[place - 1] = nodes.Text(before.rstrip())


def _visit(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.visit_citation(translator, node)
    is_foreign = _is_chinese(translator) and not _HAN.search(node.astext())
    attributes = 'role="listitem"' + (' lang="en"' if is_foreign else "")
    translator.body[-1] = translator.body[-1].replace(_ROLE, attributes)


def _depart(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.depart_citation(translator, node)
