"""The list of works cited, with roles that assistive technology takes.

docutils gives the entries a deprecated role, which no list may have.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

_ROLE = 'role="doc-biblioentry"'


def setup(app: Sphinx) -> None:
    app.add_node(nodes.citation, override=True, html=(_visit, _depart))


def _visit(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.visit_citation(translator, node)
    translator.body[-1] = translator.body[-1].replace(_ROLE, 'role="listitem"')


def _depart(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.depart_citation(translator, node)
