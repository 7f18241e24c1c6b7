"""What a module of saved code offers, told from its source: nothing is imported.

Reads what `bookkit lib` writes and what plain `d2lbook build lib` writes. Standard
library only.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

#: The line about the place that both tools add to a docstring.
_PLACE = re.compile(r"\s*^Defined in [^\n]*\s*\Z", re.MULTILINE)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Entry:
    """One saved name: how it is called, what it says of itself, its methods."""

    name: str
    signature: str
    docstring: str
    methods: tuple[Entry, ...] = ()


def module_name(root: Path, path: Path) -> str:
    """Return what a file below the book is imported as, e.g. `d2l.torch`."""
    return ".".join(path.relative_to(root).with_suffix("").parts)


def alias_of(module: str) -> str:
    """Return what the book calls a module of saved code: its package's name."""
    return module.split(".")[0]


def import_of(module: str) -> str:
    """Return how a module is imported, e.g. `from d2l import torch as d2l`."""
    package, _, name = module.rpartition(".")
    if not package:
        return f"import {name}"
    return f"from {package} import {name} as {alias_of(module)}"


def read_module(path: Path) -> tuple[Entry, ...]:
    """Return what a module defines for its readers, in its own order.

    A module that is not there, or that is no Python, offers nothing.
    """
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return ()
    found: dict[str, Entry] = {}
    for statement in tree.body:
        found |= {entry.name: entry for entry in _entries(statement)}
    return tuple(entry for name, entry in found.items() if not name.startswith("_"))


def _entries(statement: ast.stmt) -> list[Entry]:
    if isinstance(statement, _FUNCTIONS):
        return [_function(statement)]
    if isinstance(statement, ast.ClassDef):
        return [_class(statement)]
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign) and not _is_own(statement.value):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    names = [
        node.id
        for target in targets
        for node in ast.walk(target)
        if isinstance(node, ast.Name)
    ]
    return [Entry(name, name, "") for name in names]


def _is_own(value: ast.expr) -> bool:
    """Tell whether this is the name that a module has for itself."""
    return ast.unparse(value) == "sys.modules[__name__]"


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Entry:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    signature = f"{node.name}({ast.unparse(node.args)}){returns}"
    return Entry(node.name, signature, _docstring(node))


def _class(node: ast.ClassDef) -> Entry:
    functions = {one.name: one for one in node.body if isinstance(one, _FUNCTIONS)}
    begin = functions.get("__init__")
    arguments = f"({_without_self(begin)})" if begin else "()"
    methods = tuple(
        Entry(name, f"{name}({_without_self(one)})", _docstring(one))
        for name, one in functions.items()
        if not name.startswith("_")
    )
    return Entry(node.name, f"{node.name}{arguments}", _docstring(node), methods)


def _without_self(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    decorators = [ast.unparse(one) for one in node.decorator_list]
    text = ast.unparse(node.args)
    return text if "staticmethod" in decorators else text.partition(", ")[2]


def _docstring(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    return _PLACE.sub("", ast.get_docstring(node) or "")
