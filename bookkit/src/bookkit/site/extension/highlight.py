"""Code without marks that change nothing.

Pygments marks every name, every punctuation and every space. In the styles we use
they have the colour of the text around them, and they are half of a page's marks.
Operators keep the colour of the text, too: a page of method calls has hundreds of
dots, which Pygments takes for operators, and the others need no colour to be seen.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_PLAIN = re.compile(r'<span class="[nopw]">([^<]*)</span>')


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _unwrap)


def _unwrap(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: dict[str, Any],
    doctree: nodes.document | None,
) -> None:
    if "body" in context:
        context["body"] = _PLAIN.sub(r"\1", context["body"])
