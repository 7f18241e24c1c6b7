"""Cells in Python as IPython makes it of them, each statement on the line it had.

IPython's own transformer decides; it is imported when the first cell needs it, without
the shell that comes with its package, which takes a hundred times as long.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import re
import sys
from typing import Any

#: Cells that run in the notebook's own namespace, or are cut by d2lbook before.
_PYTHON_BELOW = re.compile(r"%%(tab|time|timeit|capture|prun)\b")
_MOST_ROUNDS = 500  # IPython's own limit; each changes one place


def to_python(source: str) -> str:
    """Return what IPython runs of a cell, with as many lines.

    Raises:
        SyntaxError: IPython cannot read it.
    """
    lines = [f"{line}\n" for line in source.split("\n")]
    length = len(lines)
    if _PYTHON_BELOW.match(source):
        lines[0] = "\n"
    manager = _manager()
    for change in manager.cleanup_transforms:
        lines = change(lines)
    before = ["\n"] * (length - len(lines))  # empty ones, which it leaves out
    for change in manager.line_transforms:
        lines = change(lines)
    for _ in range(_MOST_ROUNDS):
        changed, made = manager.do_one_token_transform(lines)
        if not changed:
            break
        at = next((i for i, one in enumerate(made) if one != lines[i]), 0)
        # what stood on several lines is now on the first of them
        made[at + 1 : at + 1] = ["\n"] * (len(lines) - len(made))
        lines = made
    lines = [*before, *lines]
    return "".join([*lines, *["\n"] * (length - len(lines))])[:-1]


@functools.cache
def _manager() -> Any:
    if "IPython" in sys.modules:
        return _transformers().TransformerManager()
    spec = importlib.util.find_spec("IPython")
    assert spec is not None  # ipykernel needs it
    before = set(sys.modules)
    sys.modules["IPython"] = importlib.util.module_from_spec(spec)
    try:
        return _transformers().TransformerManager()
    finally:
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "IPython":
                del sys.modules[name]  # who wants the whole imports it anew


def _transformers() -> Any:
    return importlib.import_module("IPython.core.inputtransformer2")
