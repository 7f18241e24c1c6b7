"""Pages without the space between their parts that no browser shows.

Templates are indented for who writes them, and each line break between two blocks is a
node of its own in the page: a fifth of all that a long page has.
"""

from __future__ import annotations

import re

# Space in these shows, or is counted: in a hash of the policy.
_AS_WRITTEN = re.compile(r"(<(pre|textarea|script)\b.*?</\2>)", re.DOTALL)
# Boxes of their own, and what drawings and tables are made of.
_BLOCKS = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|"
    "footer|form|h[1-6]|header|hr|legend|li|main|nav|ol|optgroup|option|p|section|"
    "select|summary|ul|caption|col|colgroup|table|tbody|td|tfoot|th|thead|tr|"
    "circle|g|line|path|polygon|polyline|rect|symbol"
)
_AROUND_BLOCKS = re.compile(
    rf"\s*\n\s*(?=</?(?:{_BLOCKS})[\s/>])|(</?(?:{_BLOCKS})(?:\s[^<>]*)?>)\s*\n\s*"
)
_INDENT = re.compile(r"\s*\n\s*")


def without_gaps(html: str) -> str:
    """Return the same page to the eye; what is written as it shows stays."""
    # A piece between, what is as written, and the name of its element.
    pieces = _AS_WRITTEN.split(html)
    pieces[0::3] = [_tight(piece) for piece in pieces[0::3]]
    del pieces[2::3]
    return "".join(pieces)


def _tight(html: str) -> str:
    return _INDENT.sub("\n", _AROUND_BLOCKS.sub(r"\1", html))
