"""The list of works cited, with roles and languages that assistive technology takes.

docutils gives the entries a deprecated role, which no list may have. An entry without
a single Han character, in a book full of them, is about a work in English, as most are.
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


def _visit(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.visit_citation(translator, node)
    is_foreign = translator.config.language[:2] == "zh" and not _HAN.search(
        node.astext()
    )
    attributes = 'role="listitem"' + (' lang="en"' if is_foreign else "")
    translator.body[-1] = translator.body[-1].replace(_ROLE, attributes)


def _depart(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.depart_citation(translator, node)
