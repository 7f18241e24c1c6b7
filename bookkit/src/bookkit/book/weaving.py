"""One row of tokens for a page: cells with what they gave, tab groups, solutions.

Cells and text of some tabs that follow each other are a group: a panel for each tab.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token

from bookkit.book.hiding import Variants, without_hidden
from bookkit.book.markdown import is_cell
from bookkit.book.solutions import exercises_in, solutions_in


def woven(
    text: Iterable[Token],
    solutions: Iterable[Token],
    tabs: Sequence[str],
    all_tabs: Sequence[str],
) -> list[Token]:
    """Return the row of a page: of a section's tokens with code, and its solutions'.

    `tabs` are those of the page, `all_tabs` those of the book.
    """
    tokens = list(text)
    solved = solutions_in(list(solutions))
    if solved:
        tokens = _with_solutions(tokens, exercises_in(tokens), solved)
    return _grouped(tokens, tabs or all_tabs, all_tabs)


def with_code(tokens: Iterable[Token], code: Sequence[Variants]) -> Iterator[Token]:
    """Yield a text's tokens; its cells become `cell` tokens with what they gave."""
    ran = without_hidden(code)
    for token in tokens:
        if is_cell(token):
            token = token.copy(type="cell", meta={"variants": next(ran, {})})
        yield token


def _with_solutions(
    tokens: Iterable[Token], begin: Mapping[int, str], solved: Mapping[str, list[Token]]
) -> list[Token]:
    """Return a section's tokens, each solution at the end of its exercise.

    `begin` has the number of each exercise by its line, from 0.
    """
    made: list[Token] = []
    number = ""
    for token in tokens:
        is_item = token.type == "list_item_open" and token.level == 1
        if is_item and token.map and token.map[0] in begin:
            solution = list(_solution(solved.get(number, [])))
            number = begin[token.map[0]]
            if made[-1].type == "ordered_list_open":
                made[-1:] = [*solution, made[-1]]
            elif solution:
                start: dict[str, str | int | float] = {"start": int(number)}
                again = Token("ordered_list_open", "ol", 1, start, markup=token.markup)
                made += [Token("ordered_list_close", "ol", -1), *solution, again]
        made.append(token)
    return [*made, *_solution(solved.get(number, []))]


def _solution(tokens: list[Token]) -> Iterator[Token]:
    if tokens:
        yield Token("solution_open", "", 1)
        yield from tokens
        yield Token("solution_close", "", -1)


@dataclass
class _Piece:
    tabs: tuple[str, ...]
    tokens: list[Token]


def _grouped(
    tokens: Iterable[Token], tabs: Sequence[str], all_tabs: Sequence[str]
) -> list[Token]:
    """Return tokens with groups around what differs from tab to tab."""
    rows = list(_rows(_pieces(tokens, tabs)))
    is_apart = [bool(row[0].tabs) and not _is_shared(row, all_tabs) for row in rows]
    in_groups = {
        tab
        for row, apart in zip(rows, is_apart, strict=True)
        for piece in row
        for tab in piece.tabs
        if apart
    }
    made: list[Token] = []
    for row, apart in zip(rows, is_apart, strict=True):
        if apart and len(in_groups) > 1:
            made += _group(row, all_tabs)
        else:
            made += [token for piece in row for token in piece.tokens]
    return made


def _pieces(tokens: Iterable[Token], tabs: Sequence[str]) -> Iterator[_Piece]:
    """Yield runs of text, and cells, each with the tabs it is for; none: everybody."""
    text = _Piece((), [])
    for token in tokens:
        if token.type not in ("tab_begin", "tab_end", "cell"):
            text.tokens.append(token)
            continue
        if text.tokens:
            yield text
        text = _Piece(text.tabs, [])
        if token.type == "cell":
            yield from _cells(token)
        elif token.type == "tab_end":
            text = _Piece((), [])
        else:
            named = token.meta["tabs"]
            chosen = tuple(tab for tab in tabs if tab in named or named == ["all"])
            text = _Piece(chosen or ("",), [])
    if text.tokens:
        yield text


def _cells(token: Token) -> Iterator[_Piece]:
    variants: Variants = token.meta["variants"]
    same = {(one["source"], bool(one["outputs"])) for one in variants.values()}
    if len(same) == 1 and not next(iter(same))[1]:
        variant = next(iter(variants.values()))
        yield _Piece(tuple(variants), [_cell(token, variant)])
        return
    for tab, variant in variants.items():
        yield _Piece((tab,), [_cell(token, variant)])


def _cell(token: Token, variant: Mapping[str, Any]) -> Token:
    return token.copy(meta={"variant": variant})


def _rows(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    """Yield the pieces, those of some tabs that follow each other together."""
    row: list[_Piece] = []
    for piece in pieces:
        if row and not (piece.tabs and row[-1].tabs):
            yield row
            row = []
        row.append(piece)
    if row:
        yield row


def _is_shared(row: list[_Piece], tabs: Sequence[str]) -> bool:
    return all(set(piece.tabs) == set(tabs) for piece in row)


def _group(row: list[_Piece], tabs: Sequence[str]) -> Iterator[Token]:
    yield Token("tab_group_open", "", 1)
    seen: set[int] = set()
    for tab in tabs:
        mine = [piece for piece in row if tab in piece.tabs]
        if not mine:
            continue
        yield Token("tab_panel_open", "", 1, meta={"tab": tab})
        for token in (token for piece in mine for token in piece.tokens):
            yield _again(token) if id(token) in seen else token
            seen.add(id(token))
        yield Token("tab_panel_close", "", -1)
    yield Token("tab_group_close", "", -1)


def _again(token: Token) -> Token:
    """Return a copy for another panel; a label is of one place."""
    meta = {
        key: value
        for key, value in token.meta.items()
        if key not in ("labels", "label")
    }
    return token.copy(meta=meta, map=list(token.map) if token.map else None)
