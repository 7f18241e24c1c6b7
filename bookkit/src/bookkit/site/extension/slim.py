"""Marks of Sphinx's and Pygments' that no style sheet of the page knows."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_WORD = re.compile(r'<span class="pre">([^<]*)</span>')
_REPLACED = {
    "<pre><span></span>": "<pre>",
    'class="docutils literal notranslate"': 'class="literal notranslate"',
}


def setup(app: Sphinx) -> None:
    # After everything else that writes into the text of a page.
    app.connect("html-page-context", _slim, priority=945)


def without_unused_marks(body: str) -> str:
    """Return the same page to the eye; a long one is a twentieth shorter."""
    for mark, short in _REPLACED.items():
        body = body.replace(mark, short)
    return _WORD.sub(r"\1", body)


def _slim(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if "body" in context:
        context["body"] = without_unused_marks(context["body"])
