"""Code without marks for what has no colour of its own; `colours.css` has the others.

Names, operators, punctuation and spaces have the colour of the text around them. They
are most of the marks on a page of code, and half of its size.
"""

from __future__ import annotations

from pygments.token import Name, Operator, Punctuation, Whitespace
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from bookkit.site.extension.base.page_context import rewrite_each_body
from bookkit.site.sphinx_internals import (
    WORD_MARK,
    keep_empty_lines,
    leave_unmarked,
)

_PLAIN = (Name, Operator, Punctuation, Whitespace)


def setup(app: Sphinx) -> None:
    leave_unmarked(*_PLAIN)
    app.connect("builder-inited", _keep_lines)
    rewrite_each_body(app, without_word_marks)


def _keep_lines(app: Sphinx) -> None:
    if isinstance(app.builder, StandaloneHTMLBuilder):
        keep_empty_lines(app.builder.highlighter)


def without_word_marks(body: str) -> str:
    """Return the text of a page with code in sentences as it is written."""
    return WORD_MARK.sub(r"\1", body)
