"""Which statements of a cell its author marked `#@save`, and their text without it.

A mark saves the statement that it stands on; alone on a line, what follows it line by
line, as in d2lbook; on an import, the imports right below it, too.
"""

from __future__ import annotations

import ast
import functools
import io
import tokenize
from collections.abc import Iterator

from bookkit.book.marks import SAVE_MARK
from bookkit.book.remembered import CELLS
from bookkit.book.syntax import DEFINITIONS, first_line, names_of, plain_code

IMPORTS = (ast.Import, ast.ImportFrom)
_ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_BLOCKS = (ast.If, ast.Try)
#: What texts of several lines have; tokens that one begins and ends with, if newer
_WIDE_TEXTS = ('"""', "'''", "\\\n")
_BEGIN, _END = (getattr(tokenize, f"FSTRING_{end}", -1) for end in ("START", "END"))


def saved_statements(source: str, tree: ast.Module) -> list[ast.stmt]:
    """Return the statements of a cell that its author marked."""
    return [tree.body[at] for at in sorted(_saved(source, tree)[0])]


def unused_marks(source: str, tree: ast.Module) -> list[int]:
    """Return the lines of marks that no statement can be saved by."""
    return sorted(_saved(source, tree)[1])


def class_joined(statement: ast.stmt) -> str | None:
    """Return the class that a function becomes a method of, as d2lbook has it."""
    joining = _joining(statement)
    return ast.unparse(joining.args[0]).split(".")[-1] if joining else None


def text_of(source: str, tree: ast.Module, statement: ast.stmt) -> str:
    """Return a statement as it was written, without marks; a method not joined."""
    marks, inside = _find_marks(source), lines_in_texts(plain_code(source))
    lines = plain_code(source).split("\n")
    for at, text in enumerate(lines, start=1):
        if at in marks:
            lines[at - 1] = text[: marks[at]].rstrip()
        elif at + 1 not in inside:  # where the line end is no part of a text
            lines[at - 1] = text.rstrip()
    first, last = first_line(statement), statement.end_lineno or statement.lineno
    rivals = {
        line
        for one in tree.body
        if one is not statement
        for line in (one.lineno, one.end_lineno)
    }
    if rivals & {first, last}:
        return ast.get_source_segment("\n".join(lines), statement) or ""
    joining = _joining(statement)
    gone = range(joining.lineno, (joining.end_lineno or 0) + 1) if joining else ()
    return "\n".join(lines[at - 1] for at in range(first, last + 1) if at not in gone)


def lines_in_texts(source: str) -> set[int]:
    """Return the lines that begin inside a text in quotes, from 1."""
    found: set[int] = set()
    if not any(sign in source for sign in _WIDE_TEXTS):
        return found  # as most have it, and reading all of it takes its time
    begin = depth = 0
    for token in tokenize.generate_tokens(io.StringIO(f"{source}\n").readline):
        if token.type == tokenize.STRING:
            found |= set(range(token.start[0] + 1, token.end[0] + 1))
        elif token.type == _BEGIN:
            begin, depth = begin if depth else token.start[0], depth + 1
        elif token.type == _END:
            depth -= 1
            found |= set() if depth else set(range(begin + 1, token.end[0] + 1))
    return found


def _joining(statement: ast.stmt) -> ast.Call | None:
    for one in getattr(statement, "decorator_list", ()):
        if not isinstance(one, ast.Call) or len(one.args) != 1:
            continue
        if ast.unparse(one.func).split(".")[-1] == "add_to_class":
            return one
    return None


@functools.lru_cache(maxsize=CELLS)
def _saved(source: str, tree: ast.Module) -> tuple[set[int], set[int]]:
    """Return the positions of marked statements, and the marks without any."""
    marks = _find_marks(source)
    lines, found, unused = plain_code(source).split("\n"), set[int](), set(marks)
    for mark in marks:
        for at, statement in enumerate(tree.body):
            if _covers(statement, mark, lines) and _can_be_saved(statement):
                unused.discard(mark)
                found.add(at)
                is_alone = mark < first_line(statement)
                if is_alone or isinstance(statement, IMPORTS):
                    found |= set(_below(tree.body, at, lines, is_alone))
    return found, unused


@functools.lru_cache(maxsize=CELLS)
def _find_marks(source: str) -> dict[int, int]:
    """Map each line with a `#@save` comment to the column where it begins."""
    if not SAVE_MARK.search(source):
        return {}
    reader = io.StringIO(plain_code(source) + "\n").readline
    return {
        token.start[0]: token.start[1]
        for token in tokenize.generate_tokens(reader)
        if token.type == tokenize.COMMENT and SAVE_MARK.match(token.string)
    }


def _can_be_saved(statement: ast.stmt) -> bool:
    kinds = (*_ASSIGNMENTS, *_BLOCKS)
    return bool(names_of(statement)) or isinstance(statement, kinds)


def _covers(statement: ast.stmt, mark: int, lines: list[str]) -> bool:
    """Tell whether a mark stands on a statement's header, or alone above it."""
    first, last = first_line(statement), statement.end_lineno or statement.lineno
    if isinstance(statement, (*DEFINITIONS, *_BLOCKS)):
        last = max(statement.lineno, statement.body[0].lineno - 1)
    if first <= mark <= last:
        return True
    between = lines[mark - 1 : first - 1]
    return mark < first and all(text.startswith("#") for text in between)


def _below(
    body: list[ast.stmt], at: int, lines: list[str], everything: bool
) -> Iterator[int]:
    """Yield the statements right below one, up to a line that is empty or indented."""
    for place, (above, below) in enumerate(
        zip(body[at:], body[at + 1 :], strict=False)
    ):
        end = above.end_lineno or above.lineno
        gap = lines[end : first_line(below) - 1]
        is_wide = end > above.lineno and not isinstance(above, IMPORTS)
        if is_wide or not all(text.startswith("#") for text in gap):
            return
        if not everything and not isinstance(below, IMPORTS):
            return
        yield at + 1 + place
