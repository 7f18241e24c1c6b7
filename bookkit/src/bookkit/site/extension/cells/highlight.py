"""The colours of code, and no marks for what has no colour of its own.

Names, operators, punctuation and spaces have the colour of the text around them. They
are most of the marks on a page of code, and half of its size.
"""

from __future__ import annotations

from collections.abc import Iterator

from pygments.token import Name, Operator, Punctuation, Whitespace
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.highlighting import PygmentsBridge

from bookkit.site.extension.base.page_context import rewrite_each_body
from bookkit.site.sphinx_internals import (
    WORD_MARK,
    keep_empty_lines,
    leave_unmarked,
)

_PLAIN = (Name, Operator, Punctuation, Whitespace)
_SELECTOR = ".highlight "


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


def code_colours(app: Sphinx) -> str:
    """Return the rules for the two Pygments styles that book and theme name."""
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    light = "\n".join(_rules(app.builder.highlighter))
    dark = "\n".join(_rules(PygmentsBridge("html", app.config.pygments_dark_style)))
    return f"""\
.highlight {{
{light}
}}
@media not print {{
body[data-theme="dark"] .highlight {{
{dark}
}}
@media (prefers-color-scheme: dark) {{
body:not([data-theme="light"]) .highlight {{
{dark}
}}
}}
}}"""


def _rules(bridge: PygmentsBridge) -> Iterator[str]:
    """Yield a style's rules for marks; our sheet has the background and the text."""
    for line in bridge.get_stylesheet().splitlines():
        if line.startswith(f"{_SELECTOR}."):
            yield line.removeprefix(_SELECTOR).partition(" /*")[0]
