"""Methods that later cells join to a saved class: `@d2l.add_to_class(d2l.A)`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from bookkit.library.marked import lines_in_texts
from bookkit.library.records import Library, Saved


def join_methods(library: Library) -> None:
    """Give methods to their classes, which readers get whole."""
    classes = {one.names[0]: one for one in library.saved if _is_class(one)}
    methods: dict[str, list[Saved]] = {}
    for one in library.saved:
        if one.owner in classes:
            methods.setdefault(one.owner, []).append(one)
        elif one.owner:
            found = f"`#@save` on a method of `{one.owner}`, which nothing saves"
            expected = f"`#@save` on the class `{one.owner}` as well"
            library.report("BK503", one.place, found, expected)
    whole = {
        id(classes[name]): _whole(classes[name], methods[name]) for name in methods
    }
    library.saved = [whole.get(id(one), one) for one in library.saved if not one.owner]


def join(source: str, methods: Iterable[str]) -> str:
    """Put methods below what a class has."""
    (tree,) = ast.parse(source).body
    assert isinstance(tree, ast.ClassDef)
    first, lines = tree.body[0], source.split("\n")
    indent = " " * first.col_offset
    raw = lines[first.lineno - 1].encode()
    if raw[: first.col_offset].strip(b" @"):  # the body stands on the header's own line
        begin, body = raw[: first.col_offset].decode(), raw[first.col_offset :].decode()
        indent = "    "
        lines[first.lineno - 1] = f"{begin.rstrip()}\n{indent}{body}"
        source = "\n".join(lines)
    return "\n\n".join([source, *(_indented(one, indent) for one in methods)])


def _is_class(one: Saved) -> bool:
    if one.kind != "definition" or one.owner:
        return False
    return isinstance(ast.parse(one.source).body[0], ast.ClassDef)


def _whole(one: Saved, methods: list[Saved]) -> Saved:
    return replace(
        one,
        source=join(one.source, [method.source for method in methods]),
        uses=one.uses.union(*(method.uses for method in methods)),
        dotted=one.dotted.union(*(method.dotted for method in methods)),
        bare=one.source,
        methods=tuple(methods),
    )


def _indented(source: str, indent: str) -> str:
    inside = lines_in_texts(source)
    return "\n".join(
        line if not line or at in inside else f"{indent}{line}"
        for at, line in enumerate(source.split("\n"), start=1)
    )
