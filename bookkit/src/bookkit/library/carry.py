"""Saved code inside a notebook, so that it runs where the book's module is not.

The notebook's cells stay as they are, but for the import of the module: in its place
comes a cell with the saved code that they reach, as its authors wrote it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bookkit.book.syntax import bindings_of, parse_code, plain_code, reads_of
from bookkit.library.code import Code
from bookkit.library.marked import saved_statements
from bookkit.library.reach import reached_saved
from bookkit.library.records import Library
from bookkit.library.resolve import FUTURE
from bookkit.library.uses import bound_names, imports_of
from bookkit.library.write import arranged

WIDTH = 79
_NAMESPACE = "types.SimpleNamespace"
_IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Carried:
    """Cells without the module's import; `code` belongs behind the cell at `place`.

    `replaced` are the import statements that went.
    """

    cells: list[str]
    place: int
    code: str
    replaced: list[str]


@dataclass(frozen=True)
class Clash:
    """What keeps a notebook from having the saved code inside: where and why."""

    cell: int
    line: int  # of the cell, from 1
    found: str
    expected: str


def carry(library: Library, cells: Sequence[str]) -> Carried | None:
    """Put the saved code that cells reach among them; None if they import none."""
    imports = [list(_imports_in(cell, library)) for cell in cells]
    places = [at for at, found in enumerate(imports) if found]
    if not places:
        return None
    left = [
        _without(cell, found, library)
        for cell, found in zip(cells, imports, strict=True)
    ]
    replaced = [
        ast.get_source_segment(plain_code(cell), one) or ""
        for cell, found in zip(cells, imports, strict=True)
        for one in found
    ]
    return Carried(left, places[0], _code(library, cells), replaced)


def clashes(library: Library, cells: Sequence[str]) -> Iterator[Clash]:
    """Find what would run otherwise with the saved code among the cells.

    There it has no module of its own: names that it reads are those of the notebook.
    """
    reached = reached_saved(library, cells)
    imports = _needed_imports(library, reached)
    own = {name for one in reached for name in one.names} | {"types"}
    bound = [b for one in reached for b in one.bindings]
    bound += [binding for binding in map(library.imports.get, imports) if binding]
    own |= {binding.name for binding in bound}
    read = {name for one in reached for name in one.uses} | {"types"}
    above = True  # of the saved code: what it defines would take the name
    for at, cell in enumerate(cells):
        tree = parse_code(cell)
        if tree is None:
            continue
        marked = saved_statements(cell, tree)
        for node in reads_of(tree).imports:
            if _imports_it(node, library) and node not in tree.body:
                found = f"`{library.module}` is imported inside other code"
                expected = "an import at the left margin, which a notebook replaces"
                yield Clash(at, node.lineno, found, expected)
        for statement in tree.body if reached else ():
            if statement in marked:
                continue
            names = bound_names(statement, library.module) - {
                one.name
                for one in bindings_of(statement)
                if any(other.means(one) for other in bound)
            }
            for name in sorted(names & (read | own if above else read)):
                reader = next((_called(o) for o in reached if name in o.uses), name)
                found = f"`{name}` is not what `{reader}` of `{library.module}` means"
                expected = "another name: a reader's notebook has that code inside"
                yield Clash(at, statement.lineno, found, expected)
        above = above and not list(_imports_in(cell, library))


def _called(piece: Code) -> str:
    return next(iter(piece.names or sorted(piece.changes)), "")


def _imports_in(cell: str, library: Library) -> Iterator[ast.Import | ast.ImportFrom]:
    tree = parse_code(cell)
    for statement in tree.body if tree else ():
        if _imports_it(statement, library):
            assert isinstance(statement, _IMPORTS)
            yield statement


def _imports_it(node: ast.AST, library: Library) -> bool:
    if not isinstance(node, _IMPORTS):
        return False
    return any(_is_of(alias, node, library.module) for alias in node.names)


def _is_of(
    alias: ast.alias, statement: ast.Import | ast.ImportFrom, module: str
) -> bool:
    """Tell whether one name of an import is the module, or a name of it."""
    if isinstance(statement, ast.Import):
        return alias.name == module
    return module in (statement.module, f"{statement.module}.{alias.name}")


def _without(
    cell: str, statements: Sequence[ast.Import | ast.ImportFrom], library: Library
) -> str:
    """Leave out import statements, but for what else they import."""
    lines = cell.split("\n")
    for one in reversed(statements):
        others = [a for a in one.names if not _is_of(a, one, library.module)]
        rest: ast.stmt = ast.Import(others)
        if isinstance(one, ast.ImportFrom):
            rest = ast.ImportFrom(one.module, others, 0)
        first, last = one.lineno - 1, one.end_lineno
        lines[first:last] = [ast.unparse(rest)] if others else []
        around = lines[max(first - 1, 0) : first + 1]
        if not others and not "".join(around).strip():
            lines[first : first + 1] = []  # of two empty lines, one stays
    return "\n".join(lines).strip("\n")


def _needed_imports(library: Library, reached: Sequence[Code]) -> list[str]:
    read = {name for one in reached for name in one.uses}
    read |= {binding.name for one in reached for binding in one.bindings}
    above = [one for one in library.head.pieces if one.kind == "import"]
    imports = {binding.statement: binding for one in above for binding in one.bindings}
    return [
        statement
        for statement, binding in sorted({**imports, **library.imports}.items())
        if binding.name in read or (reached and binding.module.startswith(FUTURE))
    ]


def _code(library: Library, cells: Sequence[str]) -> str:
    reached = reached_saved(library, cells)
    trees = [tree for tree in map(parse_code, cells) if tree]
    paths, imported = imports_of(trees, library.module)
    if reached:
        paths = paths | library.self_names
    read = {name for one in reached for name in one.at_once}
    early = sorted(library.self_names & read)
    own = ["import types"] if paths else []
    own += ["import sys"] if early else []
    imports = [*own, *_needed_imports(library, reached)]
    blocks = [arranged(imports, library)] if imports else []
    # as the module names itself, until all is there
    blocks += [f"{name} = sys.modules[__name__]" for name in early]
    apart = False
    for one in reached:
        if one.kind != "import":
            definition = one.kind == "definition"
            blocks.append("\n" * (definition or apart) + one.source)
            apart = definition
    names = [name for one in reached for name in one.names]
    last = [_namespace(path, list(dict.fromkeys(names))) for path in sorted(paths)]
    last += [f"{new} = {old}" for new, old in sorted(imported.items()) if new != old]
    if last:
        blocks.append("\n" * apart + "\n".join(last))
    return "\n\n".join(blocks)


def _namespace(path: str, names: Sequence[str]) -> str:
    """Word what stands for the module, e.g. for `d2l`, or for `d2l.torch`."""
    alias, *parts = path.split(".")
    head = f"{alias} = " + "".join(f"{_NAMESPACE}({part}=" for part in parts)
    head, end = f"{head}{_NAMESPACE}(", ")" * (len(parts) + 1)
    given = [f"{name}={name}" for name in names]
    line = f"{head}{', '.join(given)}{end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([head, *(f"    {one}," for one in given), end])
