"""Marks of Sphinx's and Pygments' that no style sheet of the page knows."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import rewrite_each_body

_WORD = re.compile(r'<span class="pre">([^<]*)</span>')
_CODE = re.compile(r'<code class="([^"]*)">')
# Said by the attribute that HTML has for it.
_NOT_PROSE = {"literal", "notranslate"}


def setup(app: Sphinx) -> None:
    # After everything else that writes into the text of a page.
    rewrite_each_body(app, without_unused_marks, priority=945)


def without_unused_marks(body: str) -> str:
    """Return the same page to the eye; a long one is a twentieth shorter."""
    body = body.replace("<pre><span></span>", "<pre>")
    return _WORD.sub(r"\1", _CODE.sub(_short_code, body))


def _short_code(code: re.Match[str]) -> str:
    names = [name for name in code[1].split() if name != "docutils"]
    if not set(names) >= _NOT_PROSE:
        return code[0]
    others = " ".join(name for name in names if name not in _NOT_PROSE)
    return (
        f'<code class="{others}" translate="no">' if others else '<code translate="no">'
    )
