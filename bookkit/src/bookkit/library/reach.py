"""Which saved code a notebook can reach, so that its result depends on it."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable

from bookkit.book.syntax import parse_code, reads_of
from bookkit.library.saved import Library, Saved
from bookkit.library.uses import imports_of, is_starred

#: Another Python or script that is started: by a line for a shell, by a whole cell.
_PROGRAM = re.compile(
    r"^\s*(?:[\w, ]+=\s*)?(?:!|%sx\b|%system\b).*(?:python|\.py\b|\.sh\b)"
    r"|^%%(?:!|sx|system|bash|sh|script|python)",
    re.MULTILINE,
)


def reachable_saved(library: Library, cells: Iterable[str]) -> dict[str, str]:
    """Return the saved code that a notebook can reach, by the names it defines.

    Whatever this returns belongs into the key of the notebook's result. Empty
    when the notebook does not import the library; everything when the way it
    uses the library cannot be followed, as with `getattr(d2l, name)`, in a magic, in
    a text that names it, or in another program. The imports that the module makes for
    its code are under a name of their own.
    """
    reached = reached_saved(library, cells)
    sources: dict[str, str] = {}
    if reached and library.imports:
        sources[f"imports of {library.module}"] = "\n".join(sorted(library.imports))
    for one in reached:
        name = ", ".join(one.names)
        sources[name] = "\n\n".join(filter(None, [sources.get(name), one.source]))
    return sources


def reached_saved(library: Library, cells: Iterable[str]) -> list[Saved]:
    """Return the saved code that a notebook can reach, in the module's order."""
    roots = _reached_names(library, list(cells))
    reached: set[str] = set()
    while roots - reached:
        reached |= roots
        for one in library.saved:
            if reached & set(one.names):
                roots = roots | (one.uses & set(library.names()))
                for chain in one.dotted:
                    alias, name = chain.split(".")[:2]
                    roots = roots | ({name} if alias in library.self_names else set())
    return [one for one in library.saved if reached & set(one.names)]


@functools.lru_cache(maxsize=4096)
def _hides(cell: str, package: str) -> bool:
    """Tell whether a cell may use the package where its syntax tree does not say so."""
    if _PROGRAM.search(cell):
        return True
    if package not in cell:
        return False
    named = re.compile(rf"\b{re.escape(package)}\b")
    texts = [line for line in cell.split("\n") if line.lstrip().startswith(("%", "?"))]
    tree = parse_code(cell)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
    is_magic = cell.lstrip().startswith("%%")
    return any(map(named.search, [cell] if is_magic else texts))


def _reached_names(library: Library, cells: list[str]) -> set[str]:
    every = set(library.names())
    package = library.module.split(".")[0]
    if any(_hides(cell, package) for cell in cells):
        return every
    if not any(package in cell for cell in cells):
        return set()
    trees = [tree for cell in cells if (tree := parse_code(cell))]
    if len(trees) < len(cells) or is_starred(trees, library.module):
        return every
    paths, imported = imports_of(trees, library.module)
    reads = [reads_of(tree) for tree in trees]
    if any(not paths.isdisjoint(one.names) for one in reads):
        return every
    names = set(imported.values())
    for chain in {chain for one in reads for chain in one.chains}:
        for path in paths:
            if chain.startswith(f"{path}."):
                names.add(chain.removeprefix(f"{path}.").split(".")[0])
    return names & every
