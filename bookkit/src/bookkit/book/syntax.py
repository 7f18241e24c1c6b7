"""The Python of cells, as IPython runs them: what a piece of code defines, imports and
reads, told from its syntax tree.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bookkit.book.ipython import to_python
from bookkit.book.remembered import CELLS

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Binding:
    """One name that an import statement binds, and the statement for it alone."""

    name: str
    statement: str
    module: str
    dotted: bool = False

    def means(self, other: Binding) -> bool:
        """Tell whether both bind the same: `import a.b as b` and `from a import b`."""
        return (self.name, self.module, self.dotted) == (
            other.name,
            other.module,
            other.dotted,
        )

    def suits(self, other: Binding) -> bool:
        """Tell whether both can stand in one module: `import a` and `import a.b`."""
        return self.means(other) or (self.dotted and other.dotted)


@functools.lru_cache(maxsize=CELLS)
def plain_code(source: str) -> str:
    """Return the Python that IPython makes of a cell, each line where it was.

    Magics and shell lines are calls of `get_ipython()` then.
    """
    if not source.startswith("In ["):  # a prompt is Python by itself, too
        with contextlib.suppress(SyntaxError, ValueError):
            ast.parse(source)
            return source
    try:
        return to_python(source)
    except SyntaxError:
        return source


@functools.lru_cache(maxsize=CELLS)
def parse_code(source: str) -> ast.Module | None:
    """Parse the Python of a cell; None if it is not Python.

    The tree is shared: nobody may change it.
    """
    try:
        return ast.parse(plain_code(source))
    except (SyntaxError, ValueError):
        return None


def flatten(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements that run at the top level, inside `if` and `try` too."""
    for statement in statements:
        yield statement
        for block in ("body", "orelse", "finalbody", "handlers"):
            if not isinstance(statement, DEFINITIONS):
                yield from flatten(getattr(statement, block, []))


def offset_of(source: str, line: int, column: int) -> int:
    """Turn a place of the syntax tree, whose columns count bytes, into an index."""
    lines = source.split("\n")
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode())


def first_line(statement: ast.stmt) -> int:
    """Return the first line of a statement, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])


def names_of(statement: ast.stmt) -> tuple[str, ...]:
    """Return the names a statement defines; none if it is not one to save."""
    if isinstance(statement, DEFINITIONS):
        return (statement.name,)
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return tuple(binding.name for binding in bindings_of(statement))
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        targets = [statement.target]
    parts = [
        part
        for target in targets
        for part in (
            target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        )
    ]
    plain = [part.id for part in parts if isinstance(part, ast.Name)]
    return tuple(plain) if len(plain) == len(parts) else ()


def bindings_of(statement: ast.stmt) -> tuple[Binding, ...]:
    """Split an import statement into the names it binds."""
    if isinstance(statement, ast.Import):
        return tuple(
            Binding(alias.asname, f"import {alias.name} as {alias.asname}", alias.name)
            if alias.asname
            else Binding(
                alias.name.split(".")[0], f"import {alias.name}", alias.name, True
            )
            for alias in statement.names
        )
    if not isinstance(statement, ast.ImportFrom) or statement.level:
        return ()
    return tuple(
        Binding(
            alias.asname or alias.name,
            f"from {statement.module} import {alias.name}"
            + (f" as {alias.asname}" if alias.asname else ""),
            f"{statement.module}.{alias.name}",
        )
        for alias in statement.names
        if alias.name != "*"
    )


def used_names(source: str) -> set[str]:
    """Return the global names a piece of code reads, at any depth."""

    def walk(table: symtable.SymbolTable) -> Iterator[str]:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                yield symbol.get_name()
        for child in table.get_children():
            yield from walk(child)

    names = set(walk(symtable.symtable(source, "<saved>", "exec")))
    names.discard("__conditional_annotations__")  # the compiler's own, in Python 3.14
    for node in ast.walk(ast.parse(source)):
        for kind in ("annotation", "returns"):
            quoted = getattr(node, kind, None)
            if isinstance(quoted, ast.Constant) and isinstance(quoted.value, str):
                tree = ast.parse(quoted.value)
                names |= {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
    return names


@dataclass(frozen=True)
class Reads:
    """What a cell imports, which names it takes as they are, and which chains it reads.

    A chain is `a.b` or `a.b.c`; a name before a `.` is not taken as it is, and of
    `a.b.c` nor is `a.b` a chain.
    """

    imports: tuple[ast.Import | ast.ImportFrom, ...]
    names: frozenset[str]
    chains: frozenset[str]


@functools.lru_cache(maxsize=CELLS)
def reads_of(tree: ast.Module) -> Reads:
    """Return what a parsed cell reads; trees of `parse_code` are walked once."""
    nodes = list(ast.walk(tree))
    followed = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    named = (one for one in nodes if isinstance(one, ast.Name))
    return Reads(
        tuple(one for one in nodes if isinstance(one, (ast.Import, ast.ImportFrom))),
        frozenset(one.id for one in named if id(one) not in followed),
        frozenset(_chains(one for one in nodes if id(one) not in followed)),
    )


def dotted_names(tree: ast.AST) -> Iterator[str]:
    """Yield every attribute chain that starts at a name: `a.b`, and `a.b.c`."""
    yield from _chains(ast.walk(tree))


def _chains(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if parts and isinstance(node, ast.Name):
            yield ".".join([node.id, *reversed(parts)])
