"""Code without marks that change nothing.

Pygments marks every name, every punctuation and every space. In the styles we use
they have the colour of the text around them, and they are half of a page's marks.
Operators keep the colour of the text, too: a page of method calls has hundreds of
dots, which Pygments takes for operators, and the others need no colour to be seen.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from bookkit.site.extension.page_context import rewrite_each_body

_PLAIN = re.compile(r'<span class="[nopw]">([^<]*)</span>')


def setup(app: Sphinx) -> None:
    rewrite_each_body(app, _unwrapped)


def _unwrapped(body: str) -> str:
    return _PLAIN.sub(r"\1", body)
