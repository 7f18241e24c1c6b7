"""Which saved code a notebook can reach, so that its result depends on it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable

from bookkit.book.syntax import parse_code, reads_of
from bookkit.library.code import Code
from bookkit.library.records import Library
from bookkit.library.uses import imports_of, is_starred

#: Words of magics and shell lines that run other files, which nobody here reads.
_RUN_FILES = frozenset("run load py python python3 ipython ipynb".split())
_IMPORTERS = frozenset(["import_module", "__import__"])
#: What runs texts, or gives what it has by names that are texts.
_EVALUATORS = frozenset(["eval", "exec", "compile", "globals", "locals"])


def reachable_saved(library: Library, cells: Iterable[str]) -> dict[str, str]:
    """Return the saved code that a notebook can reach, by the names it defines.

    Whatever this returns belongs into the key of the notebook's result. Empty
    when the notebook does not import the library; everything when the way it
    uses the library cannot be followed, as with `getattr(d2l, name)`. The imports
    that the module makes for its code are under a name of their own.
    """
    reached = reached_saved(library, cells)
    sources: dict[str, str] = {}
    if reached and library.imports:
        sources[f"imports of {library.module}"] = "\n".join(sorted(library.imports))
    for one in reached:
        name = ", ".join(one.names or sorted(one.changes))
        sources[name] = "\n\n".join(filter(None, [sources.get(name), one.source]))
    return sources


def reached_saved(library: Library, cells: Iterable[str]) -> list[Code]:
    """Return the code that a notebook can reach, in the module's order."""
    roots = _reached_names(library, list(cells))
    pieces = library.pieces
    known = {name for one in pieces for name in one.names}
    reached: set[str] = set()
    while roots - reached:
        reached |= roots
        for one in pieces:
            if _is_reached(one, reached):
                if _takes_all(one, library.self_names):
                    return list(pieces)
                roots = roots | (one.uses & known)
                for chain in one.dotted:
                    alias, name = chain.split(".")[:2]
                    roots = roots | ({name} if alias in library.self_names else set())
    return [one for one in pieces if _is_reached(one, reached)]


def _is_reached(one: Code, names: set[str]) -> bool:
    return not names.isdisjoint((*one.names, *one.changes))


def _takes_all(one: Code, own: Collection[str]) -> bool:
    """Tell whether code may use any name of its module, which has some for itself."""
    tree = parse_code(one.source)
    names = reads_of(tree).names if tree else frozenset()
    return not names.isdisjoint({*own, *_EVALUATORS})


def _reached_names(library: Library, cells: list[str]) -> set[str]:
    every = {name for one in library.pieces for name in one.names}
    package = library.module.rpartition(".")[0] or library.module
    trees = [tree for cell in cells if (tree := parse_code(cell))]
    is_named = any(package in cell for cell in cells)
    paths, imported = imports_of(trees, library.module) if is_named else (set(), {})
    known = {package, *(path.split(".")[0] for path in paths), *imported}
    if any(_runs_unread(tree, known) for tree in trees):
        return every
    if not is_named:
        return set()
    if len(trees) < len(cells) or is_starred(trees, library.module):
        return every
    reads = [reads_of(tree) for tree in trees]
    # The module as a whole, or a package that it is in: whatever is done with it then
    taken = {name for one in reads for name in one.names | one.chains}
    if any(f"{path}.".startswith(f"{name}.") for path in paths for name in taken):
        return every
    names = set(imported.values())
    for chain in {chain for one in reads for chain in one.chains}:
        for path in paths:
            if chain.startswith(f"{path}."):
                names.add(chain.removeprefix(f"{path}.").split(".")[0])
    return names & every


def _runs_unread(tree: ast.Module, known: Collection[str]) -> bool:
    """Tell whether code may run that no tree has: in magics, shell lines and texts."""
    reads = reads_of(tree)
    if reads.names & _EVALUATORS or any(
        _names_one(text, known) for text in _texts(tree)
    ):
        return True
    called = reads.names | {chain.split(".")[-1] for chain in reads.chains}
    if called.isdisjoint({*_IMPORTERS, "get_ipython"}):
        return False
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(map(_is_unread, calls))


def _is_unread(call: ast.Call) -> bool:
    name = ast.unparse(call.func)
    texts = _texts(call)
    if name.split(".")[-1] in _IMPORTERS:
        is_named = call.args and isinstance(call.args[0], ast.Constant)
        return not is_named
    if "get_ipython()" not in name:
        return False
    return any(_names_one(text, _RUN_FILES) for text in texts)


def _texts(tree: ast.AST) -> list[str]:
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [node.value for node in constants if isinstance(node.value, str)]


def _names_one(text: str, words: Collection[str]) -> bool:
    return not set(re.findall(r"\w+", text)).isdisjoint(words)
