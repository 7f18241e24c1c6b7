"""One box around each block of code, where Sphinx puts two.

The outer one says the language, for which we have no use, and that the code is not to
be translated; the inner one is what style sheets know.
"""

from __future__ import annotations

import re

_BOXES = re.compile(
    r'(<div\b[^>]*\bclass="(?:[^"]* )?)highlight-[^" ]+( [^>]*>)'
    r'<div class="highlight">(.*)</div>\n</div>\n',
    re.DOTALL,
)


def with_one_box(block: str) -> str:
    """Return the HTML of a block of code with what both boxes say in one."""
    block = block.replace("<pre><span></span>", "<pre>")  # an empty mark of Pygments'
    return _BOXES.sub(r"\1highlight\2\3</div>\n", block)
