"""Where the parts of sentences stand in the text: roles, links, pictures, notes.

The content of a sentence is the lines of its paragraph without indents, marks of
quotes and lists; cells of a table stand several in a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token


@dataclass(frozen=True)
class Part:
    """An inline token: its line, from 1, and where it is in the text.

    `start` and `end` are None where a tab character hides the place; `label_end` is
    where the `]` of a link's text or of a picture's stands; `within` names what it is
    inside of: `link`, `image`, `table`.
    """

    token: Token
    line: int
    start: int | None
    end: int | None
    label_end: int
    within: frozenset[str]


def parts_of(text: str, tokens: Sequence[Token]) -> Iterator[Part]:
    """Yield the inline tokens of a text that know their place in their sentence."""
    reader = _Reader(text)
    for inline, is_cell in _sentences(tokens):
        yield from reader.parts(inline, is_cell)


def _sentences(tokens: Sequence[Token]) -> Iterator[tuple[Token, bool]]:
    """Yield what has inline parts, and whether it is a cell of a table."""
    is_cell = False
    for token in tokens:
        if token.type == "mark" and "inline" in token.meta:
            yield token.meta["inline"].copy(children=[token]), False
        elif token.children:
            yield token, is_cell
        elif "caption" in token.meta:
            yield token.meta["caption"], False
        is_cell = token.type in ("td_open", "th_open")


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._rows = text.split("\n")
        self._starts = [0]
        for row in self._rows:
            self._starts.append(self._starts[-1] + len(row) + 1)
        self._cursors: dict[int, int] = {}

    def parts(self, inline: Token, is_cell: bool) -> Iterator[Part]:
        first = inline.map[0] if inline.map else 0
        places = self._cell(inline, first) if is_cell else self._lines(inline, first)
        within = frozenset({"table"} if is_cell else ())
        for token, shift, inside in _flat(inline.children or [], 0, within):
            at, end = token.meta["at"] + shift, token.meta["end"] + shift
            line = first + inline.content.count("\n", 0, at) + 1
            if places is None:
                yield Part(token, line, None, None, -1, inside)
                continue
            label_end = token.meta.get("label_end", at - shift) + shift
            if token.type == "image":
                label_end = at + 2 + len(token.content)
            start, stop = places[at], places[end - 1] + 1
            yield Part(token, line, start, stop, places[label_end], inside)

    def _lines(self, inline: Token, first: int) -> list[int] | None:
        """Return where each character of a paragraph or a heading stands."""
        places: list[int] = []
        for number, part in enumerate(inline.content.split("\n"), first):
            row, said = self._rows[number].rstrip(), part.rstrip()
            if not row.endswith(said):
                row = row.rstrip("#").rstrip()  # a heading may end with them
            if not row.endswith(said):
                return None
            start = self._starts[number] + len(row) - len(said)
            places += range(start, start + len(part) + 1)
        return places

    def _cell(self, inline: Token, row: int) -> list[int] | None:
        """Return where each character of a table's cell stands; `\\|` is `|` there."""
        text, end = self._text, self._starts[row + 1] - 1
        at = self._cursors.get(row)
        if at is None:
            is_nested = inline.level > _LEVEL_IN_TABLE
            at = text.find("|", self._starts[row], end) if is_nested else None
            at = self._starts[row] if at is None else at
        while at < end and text[at] in " \t|":
            at += 1
        places = []
        for character in inline.content:
            at += text.startswith(r"\|", at) and character == "|"
            if text[at : at + 1] != character:
                return None
            places.append(at)
            at += 1
        self._cursors[row] = at
        return [*places, at]


#: How deep a sentence lies in a table that itself lies in nothing.
_LEVEL_IN_TABLE = 4


def _flat(
    children: Sequence[Token], shift: int, within: frozenset[str]
) -> Iterator[tuple[Token, int, frozenset[str]]]:
    links = 0
    for token in children:
        links -= token.type == "link_close"
        inside = within | {"link"} if links else within
        if "at" in token.meta:
            yield token, shift, inside
            if token.type == "image":
                at = token.meta["at"] + shift + 2
                yield from _flat(token.children or [], at, inside | {"image"})
        links += token.type == "link_open"
