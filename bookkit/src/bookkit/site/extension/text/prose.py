"""Text of languages that put no spaces between words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from bookkit.book.markdown.wide import WIDE

_STOPS = "\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
_BREAK = re.compile(
    rf"(?<=[{WIDE}])\n|\n(?=[{WIDE}])|(?<=[{WIDE}]) (?=[{WIDE}])"
    rf"|(?<=[{_STOPS}]) | (?=[{_STOPS}])"
)
_WIDE = re.compile(f"[{WIDE}]")
_BEFORE_NOTE = re.compile(rf"(?<=[{WIDE}]) $")
_AFTER_NOTE = re.compile(rf"^ (?=[{WIDE}])")
_LITERAL = (nodes.literal, nodes.literal_block, nodes.math, nodes.raw, nodes.comment)


def setup(app: Sphinx) -> None:
    app.add_transform(JoinLines)


class JoinLines(SphinxTransform):
    """Drop the line breaks of the source where a reader would see a stray space."""

    default_priority = 6

    def apply(self, **kwargs: object) -> None:
        for note in self.document.findall(nodes.footnote_reference):
            _draw_near(note)
        for block in list(self.document.findall(nodes.TextElement)):
            if not isinstance(block, (*_LITERAL, nodes.Inline)):
                _join(block)


def _draw_near(note: nodes.footnote_reference) -> None:
    """Drop the space that reStructuredText wants before and after a note's mark."""
    assert note.parent is not None
    at = note.parent.index(note)
    for place, spare in ((at - 1, _BEFORE_NOTE), (at + 1, _AFTER_NOTE)):
        if 0 <= place < len(note.parent) and isinstance(note.parent[place], nodes.Text):
            text = spare.sub("", note.parent[place].astext())
            note.parent[place] = nodes.Text(text)


def _join(block: nodes.TextElement) -> None:
    leaves = list(_leaves(block))
    # Not the nodes themselves: those still carry the marks of escaped spaces.
    texts = ["", *(leaf.astext() for leaf in leaves), ""]
    for position, leaf in enumerate(leaves, 1):
        text = _BREAK.sub("", texts[position])
        before, after = texts[position - 1][-1:], texts[position + 1][:1]
        if text.startswith("\n") and _WIDE.match(before):
            text = text[1:]
        if text.endswith("\n") and _WIDE.match(after):
            text = text[:-1]
        if text != texts[position] and not isinstance(leaf.parent, _LITERAL):
            assert leaf.parent is not None
            leaf.parent.replace(leaf, nodes.Text(text))


def _leaves(block: nodes.Element) -> Iterator[nodes.Text]:
    """Yield the texts of one paragraph, without those of blocks inside it."""
    for child in block.children:
        if isinstance(child, nodes.Text):
            yield child
        elif isinstance(child, nodes.Inline) and isinstance(child, nodes.Element):
            yield from _leaves(child)
