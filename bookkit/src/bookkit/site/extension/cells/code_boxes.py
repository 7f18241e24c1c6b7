"""One box around each block of code, where Sphinx puts two.

The outer one says the language, for which we have no use, and that the code is not to
be translated; the inner one is what style sheets know.
"""

from __future__ import annotations

from bookkit.site.sphinx_internals import CODE_BOXES, EMPTY_MARK


def with_one_box(block: str) -> str:
    """Return the HTML of a block of code with one box instead of two."""
    block = block.replace(EMPTY_MARK, "<pre>")
    return CODE_BOXES.sub(r"\1highlight\2\3</div>\n", block)
