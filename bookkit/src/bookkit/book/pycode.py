"""Python code of cells, without what only IPython understands."""

from __future__ import annotations

import ast
import functools
import re


def plain_code(source: str) -> str:
    """Blank IPython's `%` and `!` lines, so that lines keep their numbers.

    A `%%` line makes the whole cell something else than Python, `%%tab` aside,
    which is d2lbook's.
    """
    lines = source.split("\n")
    if re.match(r"%%(?!tab\b)", source):
        return "\n".join("" for _ in lines)
    magic = re.compile(r"^(\s*)[%!].*")
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        return "\n".join(magic.sub(r"\1pass", line) for line in lines)


@functools.lru_cache(maxsize=8192)
def parse_code(source: str) -> ast.Module | None:
    """Parse a cell without its `%` and `!` lines; None if it is not Python.

    The tree is shared: nobody may change it.
    """
    try:
        return ast.parse(plain_code(source))
    except SyntaxError:
        return None
