"""Call a function with names of the notebook and words of its framework.

A parameter takes what has its name: one of the notebook's globals, a word, or

- `tab`: the name of the framework's tab;
- `notebook`: all globals of the notebook, for words that need several;
- `scratch`: an empty folder of the function's own;
- `given`: the value that this tab was given.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def call(
    function: Callable[..., object], tab: str, notebook: dict[str, Any], given: Any = None
) -> None:
    """Call a function of tests in the kernel of a tab."""
    words = [vars(import_module(f"words.{name}")) for name in (tab, "common")]
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        own = {"tab": tab, "notebook": notebook, "scratch": scratch, "given": given}
        spaces = {"the notebook": notebook, "words": {**words[1], **words[0], **own}}
        function(*arguments(function, spaces))


def arguments(
    function: Callable[..., object], spaces: Mapping[str, Mapping[str, Any]]
) -> list[Any]:
    """Look each parameter up; only one space may have it, unless they mean the same."""
    code = function.__code__
    found = []
    for name in inspect.signature(function).parameters:
        having = {space: names[name] for space, names in spaces.items() if name in names}
        if len({id(value) for value in having.values()}) != 1:
            problem = f"{' and '.join(having)} differ" if having else "nothing has that name"
            raise LookupError(
                f"{code.co_filename}:{code.co_firstlineno}: parameter `{name}`: {problem}; "
                f"expected a name of {' or of '.join(spaces)}"
            )
        found.append(next(iter(having.values())))
    return found
