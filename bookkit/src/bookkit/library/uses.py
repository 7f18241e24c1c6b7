"""Where cells use saved functions: by the module's name, or by their own.

Works on the syntax tree, so nothing in a comment or a text is a use. A name that the
cells bind to anything else is left alone. Standard library only.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bookkit.book.remembered import CELLS
from bookkit.book.syntax import Binding, bindings_of, names_of, parse_code, reads_of
from bookkit.library.marked import class_joined, saved_statements

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*_FUNCTIONS, *_LOOPS, ast.ClassDef)


@dataclass(frozen=True, order=True)
class Use:
    """A saved name in a cell: where the name itself stands, from line 1, column 0."""

    line: int
    column: int
    written: str
    name: str


def saved_names(cell: str) -> tuple[str, ...]:
    """Return the names that a cell saves; imports are not among them."""
    tree = parse_code(cell)
    marked = saved_statements(cell, tree) if tree else []
    kept = [one for one in marked if not bindings_of(one) and not class_joined(one)]
    return tuple(name for one in kept for name in names_of(one))


def find_uses(cells: Sequence[str], module: str) -> list[list[Use]]:
    """Return the uses in each cell of one tab of a page, in reading order.

    `module` is where the tab's saved code goes, e.g. `d2l.torch`. Whether it has a
    name that is used in this way is not asked.
    """
    trees = [parse_code(cell) for cell in cells]
    known = [tree for tree in trees if tree]
    own = {name: name for cell in cells for name in saved_names(cell)}
    paths, imported = imports_of(known, module)
    rebound = _bound_otherwise(cells, trees, module)
    names = {
        written: name
        for written, name in {**own, **imported}.items()
        if written not in rebound
    }
    paths = {path for path in paths if path.split(".")[0] not in rebound}
    found = []
    for cell, tree in zip(cells, trees, strict=True):
        finder = _Finder(cell, module, names, paths)
        if tree:
            finder.visit(tree)
        found.append(sorted(finder.found))
    return found


def is_starred(trees: Sequence[ast.Module], module: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == module
        and any(alias.name == "*" for alias in node.names)
        for tree in trees
        for node in reads_of(tree).imports
    )


def imports_of(
    trees: Sequence[ast.Module], module: str
) -> tuple[set[str], dict[str, str]]:
    """Return what the cells call the module, and what they call names of it."""
    paths: set[str] = set()
    names: dict[str, str] = {}
    for binding in (one for tree in trees for one in _bindings(tree)):
        if binding.module == module:
            paths.add(module if binding.dotted else binding.name)
        elif binding.module.startswith(f"{module}."):
            names[binding.name] = binding.module.removeprefix(f"{module}.")
    return paths, names


def _bindings(tree: ast.Module) -> Iterator[Binding]:
    for node in reads_of(tree).imports:
        yield from bindings_of(node)


def _bound_otherwise(
    cells: Sequence[str], trees: Sequence[ast.Module | None], module: str
) -> set[str]:
    """Return the names that mean something else somewhere at the top level."""
    found: set[str] = set()
    for cell, tree in zip(cells, trees, strict=True):
        marked = saved_statements(cell, tree) if tree else []
        for statement in tree.body if tree else ():
            if statement not in marked:
                found |= bound_names(statement, module)
    return found


@functools.lru_cache(maxsize=CELLS)
def bound_names(statement: ast.AST, module: str, deep: bool = False) -> frozenset[str]:
    """Return what a statement binds, the module and its names apart.

    `deep` looks into functions in it as well.
    """
    found: set[str] = set()
    nodes = ast.walk(statement) if deep else _walk_outside_scopes(statement)
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {
                one.name
                for one in bindings_of(node)
                if not f"{one.module}.".startswith(f"{module}.")
            }
    return frozenset(found)


def _walk_outside_scopes(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, _SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _walk_outside_scopes(child)


class _Finder(ast.NodeVisitor):
    """Collects the uses of names, and of what has one of the module's names before."""

    def __init__(
        self, cell: str, module: str, names: Mapping[str, str], paths: set[str]
    ) -> None:
        self.found: list[Use] = []
        self._lines, self._module = cell.split("\n"), module
        self._names, self._paths = names, paths

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and node.id in self._names:
            self._add(node, node.id, self._names[node.id])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if self._paths and ast.unparse(node.value) in self._paths:
            self._add(node, node.attr, node.attr)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.AST) -> None:
        """Look inside, where parameters and local variables hide other names."""
        inside: set[str] = set()
        for child in ast.iter_child_nodes(node):
            inside |= bound_names(child, self._module, deep=True)
        outer = self._names, self._paths
        self._names = {k: v for k, v in self._names.items() if k not in inside}
        self._paths = {one for one in self._paths if one.split(".")[0] not in inside}
        self.generic_visit(node)
        self._names, self._paths = outer

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def _add(self, node: ast.expr, written: str, name: str) -> None:
        """Find the name, the last of a chain; the tree counts columns in bytes."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        line = self._lines[node.end_lineno - 1]
        end = len(line.encode()[: node.end_col_offset].decode(errors="ignore"))
        # elsewhere behind a prompt, say: the tree is of what IPython makes of the cell
        if line[:end].endswith(written):
            begin = end - len(written)
            self.found.append(Use(node.end_lineno, begin, written, name))
