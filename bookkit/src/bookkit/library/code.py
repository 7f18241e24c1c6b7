"""A piece of a module of saved code: what it defines, changes and reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from bookkit.book.syntax import (
    DEFINITIONS,
    Binding,
    bindings_of,
    dotted_names,
    first_line,
    flatten,
    names_of,
    used_names,
)
from bookkit.library.marked import IMPORTS
from bookkit.library.uses import bound_names


@dataclass(frozen=True, kw_only=True)
class Code:
    """A statement, without its mark; `changes` names what it alters of others."""

    names: tuple[str, ...]
    kind: str  # "definition", "import", or "statement"
    source: str
    uses: frozenset[str]
    dotted: frozenset[str]
    bindings: tuple[Binding, ...] = ()
    changes: frozenset[str] = frozenset()

    @cached_property
    def at_once(self) -> frozenset[str]:
        """Return what it reads while it is defined."""
        return frozenset(_at_once(ast.parse(self.source)))


def code_of(statement: ast.stmt, source: str) -> Code:
    """Make a piece of a statement and its text."""
    kind = "statement"
    if isinstance(statement, IMPORTS):
        kind = "import"
    elif isinstance(statement, DEFINITIONS):
        kind = "definition"
    names = names_of(statement) or tuple(sorted(bound_names(statement, "")))
    uses = frozenset() if kind == "import" else frozenset(used_names(source))
    changes = frozenset(_changes(statement))
    return Code(
        names=() if isinstance(statement, ast.AugAssign) else names,
        kind=kind,
        source=source,
        uses=uses,
        dotted=frozenset(dotted_names(ast.parse(source))),
        bindings=tuple(b for one in flatten([statement]) for b in bindings_of(one)),
        changes=changes if changes or names or kind == "import" else uses,
    )


def pieces_of(text: str) -> Iterator[Code]:
    """Yield the statements of a text, a docstring aside; one for each import.

    Raises:
        SyntaxError: it is no Python.
    """
    lines = text.split("\n")
    for one in ast.parse(text).body:
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
            continue
        piece = code_of(one, "\n".join(lines[first_line(one) - 1 : one.end_lineno]))
        if piece.kind != "import" or not piece.bindings:
            yield piece
            continue
        for binding in piece.bindings:
            yield replace(
                piece,
                names=(binding.name,),
                source=binding.statement,
                bindings=(binding,),
            )


def _at_once(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    later = node.body if isinstance(node, (*DEFINITIONS[:2], ast.Lambda)) else None
    for field, value in ast.iter_fields(node):
        if later is not None and field == "body":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _at_once(child)


def _changes(statement: ast.stmt) -> Iterator[str]:
    """Yield what `x.y[0] = 1` changes: `x`, and `y`, if `x` is the module."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    for target in targets:
        node, parts = target, list[str]()
        while isinstance(node, (ast.Subscript, ast.Attribute)):
            parts += [node.attr] if isinstance(node, ast.Attribute) else []
            node = node.value
        if isinstance(node, ast.Name) and node is not target:
            yield from (node.id, *parts[-1:])
