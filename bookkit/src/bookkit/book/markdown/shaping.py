"""What markdown-it's tokens do not say: figures, captions, who has which label.

Runs once all blocks and sentences are read. A label, a width and an equation's label
are noted on what they belong to: `meta["labels"]`, `meta["label"]`, `attrs`.
`meta["end"]` of a heading's text is where its marks begin.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_BREAKS = ("softbreak", "hardbreak")
_FORMULAS = ("math_block", "amsmath")
_LABELLED = ("heading_open", "figure", "table_open")
_CAPTIONS = (":", "Table:", "table:")


def plugin(parser: MarkdownIt) -> None:
    parser.core.ruler.push("shape", _shape)


def _shape(state: StateCore) -> None:
    tokens = list(_with_captions(list(_with_figures(state.tokens))))
    _attach(tokens)
    state.tokens = tokens


def _with_figures(tokens: list[Token]) -> Iterator[Token]:
    """Yield blocks: a picture alone is a figure, and a formula ends its paragraph."""
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == "paragraph_open":
            yield from _paragraph(*tokens[at : at + 3])
            at += 3
            continue
        yield token
        if token.type == "inline":
            token.children, marks = _without_marks(token.children or [])
            if marks:
                token.meta["end"] = marks[0].meta["at"]
            at += 1
            yield tokens[at]  # what closes a heading or a cell of a table
            yield from (_as_block(mark, token) for mark in marks)
        at += 1


def _paragraph(start: Token, inline: Token, end: Token) -> Iterator[Token]:
    children, marks = _without_marks(inline.children or [])
    part: list[Token] = []
    if len(children) == 1 and children[0].type == "image":
        figure = _as_block(Token("figure", "figure", 0), inline)
        figure.children, figure.content = children, inline.content
        yield figure
        children = []
    opened: list[Token] = []
    for child in children:
        if child.type == "math_inline_double":
            # What is bold before the formula is bold behind it
            part += [_closing(one) for one in reversed(opened)]
            yield from _piece(start, inline, end, part)
            formula = _as_block(child, inline)
            formula.type, formula.block = "math_block", True
            before = inline.content.count("\n", 0, child.meta["at"])
            if inline.map:
                formula.map = [inline.map[0] + before, inline.map[1]]
            yield formula
            part = [one.copy() for one in opened]
            continue
        part.append(child)
        if child.nesting == 1:
            opened.append(child)
        elif child.nesting == -1 and opened:
            opened.pop()
    yield from _piece(start, inline, end, part)
    yield from (_as_block(mark, inline) for mark in marks)


def _closing(token: Token) -> Token:
    name = token.type.removesuffix("_open")
    return Token(f"{name}_close", token.tag, -1, markup=token.markup)


def _piece(
    start: Token, inline: Token, end: Token, children: list[Token]
) -> Iterator[Token]:
    children = _trimmed(children)
    if any(one.nesting == 0 and not _is_blank(one) for one in children):
        yield start
        yield inline.copy(children=children)
        yield end


def _without_marks(children: list[Token]) -> tuple[list[Token], list[Token]]:
    marks = [one for one in children if one.type == "mark"]
    rest = [one for one in children if one.type != "mark"]
    return _trimmed(rest) if marks else rest, marks


def _trimmed(children: list[Token]) -> list[Token]:
    """Return inline parts without the breaks and spaces at both ends."""
    first, last = 0, len(children)
    while first < last and _is_blank(children[first]):
        first += 1
    while first < last and _is_blank(children[last - 1]):
        last -= 1
    return children[first:last]


def _is_blank(token: Token) -> bool:
    blank_text = token.type == "text" and not token.content.strip()
    return blank_text or token.type in _BREAKS


def _as_block(token: Token, inline: Token) -> Token:
    token.map, token.level = inline.map, max(inline.level - 1, 0)
    token.meta["inline"] = inline
    return token


def _with_captions(tokens: list[Token]) -> Iterator[Token]:
    """Give a table the caption that stands as a paragraph before or after it.

    Marks between a caption and its table are the table's: they come behind it.
    """
    taken: set[int] = set()
    behind: dict[int, list[Token]] = {}
    for at, token in enumerate(tokens):
        if token.type == "table_open":
            end, marks = _end_of_table(tokens, at), at
            while marks and tokens[marks - 1].type == "mark":
                marks -= 1
            for first in (marks - 3, end + 1):
                if first not in taken and (caption := _caption(tokens, first)):
                    token.meta["caption"] = caption
                    taken |= {first, first + 1, first + 2}
                    if first < at:
                        taken |= set(range(marks, at))
                        behind[end] = tokens[marks:at]
                    break
    for at, token in enumerate(tokens):
        if at not in taken:
            yield token
        yield from behind.get(at, [])


def _end_of_table(tokens: list[Token], at: int) -> int:
    level = tokens[at].level
    return next(
        end
        for end in range(at, len(tokens))
        if tokens[end].type == "table_close" and tokens[end].level == level
    )


def _caption(tokens: list[Token], at: int) -> Token | None:
    if at < 0 or at + 2 >= len(tokens) or tokens[at].type != "paragraph_open":
        return None
    inline = tokens[at + 1]
    first = next(iter(inline.children or []), None)
    if first is None or first.type != "text":
        return None
    for start in _CAPTIONS:
        if first.content.startswith(start):
            first.content = first.content.removeprefix(start).lstrip()
            return inline
    return None


def _attach(tokens: Iterable[Token]) -> None:
    """Note marks on the last thing before them that can have them."""
    titled = formula = picture = None
    for token in tokens:
        if token.type in _LABELLED:
            titled = token
        if token.type in _FORMULAS:
            formula = token
        for child in token.children or []:
            picture = child if child.type == "image" else picture
        if token.type != "mark":
            continue
        name, value = token.meta["name"], token.meta["value"]
        if name == "label" and titled:
            titled.meta.setdefault("labels", []).append(value)
            token.meta["of"] = titled
        elif name == "eqlabel" and formula:
            formula.meta["label"] = value
            token.meta["of"] = formula
        elif name in ("width", "height") and picture:
            picture.attrs[name] = value
            token.meta["of"] = picture
