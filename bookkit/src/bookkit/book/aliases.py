"""Cells with a framework's own names in place of aliases, as d2lbook has them.

Saved code keeps the aliases, and its module defines them. The author's text around what
is replaced stays as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from bookkit.book.config.aliases import Aliases, Call
from bookkit.book.syntax import offset_of, parse_code, plain_code

#: What can stand before a `.` without parentheses.
_ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Tuple, ast.List)
_MOST_ROUNDS = 1000  # an alias may lead back to itself
#: Words a call anew, or says that it stays: its text, its tree.
_Reword = Callable[[str, ast.Call], str | None]


def without_aliases(source: str, aliases: Aliases) -> str:
    """Return a cell as the framework of its tab writes it."""
    source = with_texts(source, aliases)
    if aliases.simple_pattern:
        simple = dict(aliases.simple)
        source = aliases.simple_pattern.sub(lambda found: simple[found[1]], source)
    reword: dict[str, _Reword] = {}
    for name, method in aliases.fluent:
        reword[name] = _Fluent(method)
    for call in aliases.calls:
        reword[call.name] = _Instead(call)
    packages = {"d2l", aliases.package}
    if any(f"{package}.{name}" in source for package in packages for name in reword):
        return _reworded(source, packages, reword)
    return source


def with_texts(source: str, aliases: Aliases) -> str:
    """Return a text after `reverse_alias` alone."""
    for pattern, new in aliases.texts:
        source = pattern.sub(new, source)
    return source


def _reworded(source: str, packages: set[str], reword: Mapping[str, _Reword]) -> str:
    """Word calls anew, inner ones first, as long as there are any."""
    stays: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        for call in _calls(source, packages, reword):
            begin, end = _span(source, call)
            text = source[begin:end]
            assert isinstance(call.func, ast.Attribute)
            new = None if text in stays else reword[call.func.attr](source, call)
            if new is not None:
                source = source[:begin] + new + source[end:]
                break
            stays.add(text)
        else:
            break
    return source


def _calls(
    source: str, packages: set[str], reword: Mapping[str, _Reword]
) -> Iterator[ast.Call]:
    """Yield calls of aliases, the last to begin first: no other begins inside it."""
    tree, plain = parse_code(source), plain_code(source).split("\n")
    rows = source.split("\n")
    found = [
        node
        for node in ast.walk(tree or ast.Module([], []))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in packages
        and node.func.attr in reword
    ]
    for node in sorted(found, key=lambda one: (one.lineno, one.col_offset))[::-1]:
        lines = slice(node.lineno - 1, node.end_lineno)
        if rows[lines] == plain[lines]:  # no prompt, and nothing for IPython
            yield node


class _Fluent:
    """Words `d2l.sum(x, 0)` as `x.sum(0)`."""

    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, source: str, call: ast.Call) -> str | None:
        if not call.args or isinstance(call.args[0], ast.Starred):
            return None
        first = call.args[0]
        begin, end = _span(source, first)
        owner = source[begin:end]
        if not isinstance(first, _ATOMS) or not _stands_alone(owner):
            owner = f"({owner})"
        rest = source[end : _span(source, call)[1] - 1].lstrip(" \t\n\\)")
        if "#" in rest:  # a comment would take what comes behind it
            others = ast.Call(ast.Name("f"), call.args[1:], call.keywords)
            rest = f",{ast.unparse(others)[2:-1]}"
        return f"{owner}.{self._method}({rest[1:].strip()})"


class _Instead:
    """Words a call as an entry of `args_alias` has it, without what was not given."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __call__(self, source: str, call: ast.Call) -> str | None:
        wanted = self._call
        given: dict[str | None, ast.expr] = {
            one.arg: one.value for one in call.keywords
        }
        given |= dict(zip(wanted.positional, call.args, strict=False))
        defaults = dict(wanted.keywords)
        needed = set(wanted.positional)
        if any(isinstance(one, ast.Starred) for one in call.args):
            return None
        fits = len(given) == len(call.args) + len(call.keywords)
        if not fits or not needed <= given.keys() <= needed | defaults.keys():
            return None
        body = ast.parse(wanted.body, mode="eval").body
        if isinstance(body, ast.Call):
            absent = defaults.keys() - given.keys()
            body.keywords = [
                one
                for one in body.keywords
                if not (isinstance(one.value, ast.Name) and one.value.id in absent)
            ]
        for name, default in wanted.keywords:
            given.setdefault(name, ast.parse(default, mode="eval").body)
        text = ast.unparse(_Put(given).visit(body))
        return text if isinstance(body, _ATOMS) else f"({text})"


class _Put(ast.NodeTransformer):
    """Puts what was given in the place of parameters."""

    def __init__(self, given: Mapping[str | None, ast.expr]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._given.get(node.id, node)


def _span(source: str, node: ast.expr) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return (
        offset_of(source, node.lineno, node.col_offset),
        offset_of(source, node.end_lineno, node.end_col_offset),
    )


def _stands_alone(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
