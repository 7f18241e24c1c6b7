"""Marks of Sphinx's and Pygments' that no style sheet of the page knows."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from bookkit.site.extension.page_context import rewrite_each_body

_WORD = re.compile(r'<span class="pre">([^<]*)</span>')
_REPLACED = {
    "<pre><span></span>": "<pre>",
    'class="docutils literal notranslate"': 'class="literal notranslate"',
}


def setup(app: Sphinx) -> None:
    # After everything else that writes into the text of a page.
    rewrite_each_body(app, without_unused_marks, priority=945)


def without_unused_marks(body: str) -> str:
    """Return the same page to the eye; a long one is a twentieth shorter."""
    for mark, short in _REPLACED.items():
        body = body.replace(mark, short)
    return _WORD.sub(r"\1", body)
