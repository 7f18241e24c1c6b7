"""Call a function with names of the notebook and words of its framework.

A parameter takes what has its name: one of the notebook's globals, a word, or, if it is
the function of a claim,

- `tab`: the name of the framework's tab;
- `notebook`: all globals of the notebook, for words that need several;
- `scratch`: an empty folder of the function's own;
- `given`: the value that this tab was given.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from importlib import import_module
from typing import Any


def call(
    function: Callable[..., object], tab: str, notebook: dict[str, Any], given: Any = None
) -> None:
    """Call a function of tests in the kernel of a tab."""
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        function(*arguments(function, _spaces(tab, notebook, scratch=scratch, given=given)))


def _keyword_only(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]


def _spaces(tab: str, notebook: dict[str, Any], **own: Any) -> dict[str, dict[str, Any]]:
    words = {**words_of(tab), "tab": tab, "notebook": notebook, **own}
    return {"the notebook": notebook, "words": words}


@cache
def words_of(tab: str) -> dict[str, Any]:
    """Return the vocabulary of a framework and what all have in common."""
    common = vars(import_module("words.common"))
    words = {**common, **vars(import_module(f"words.{tab}"))}
    for name, word in common.items():
        needed = _keyword_only(word) if inspect.isfunction(word) else []
        if needed and words[name] is word:
            words[name] = partial(word, **{one: words[one] for one in needed})
    return words


def arguments(
    function: Callable[..., object],
    spaces: Mapping[str, Mapping[str, Any]],
    names: Iterable[str] | None = None,
) -> list[Any]:
    """Look parameters up; only one space may have it, unless they mean the same."""
    code = function.__code__
    found = []
    for name in inspect.signature(function).parameters if names is None else names:
        having = {space: here[name] for space, here in spaces.items() if name in here}
        if len({id(value) for value in having.values()}) != 1:
            problem = f"{' and '.join(having)} differ" if having else "nothing has that name"
            raise LookupError(
                f"{code.co_filename}:{code.co_firstlineno}: parameter `{name}`: {problem}; "
                f"expected a name of {' or of '.join(spaces)}"
            )
        found.append(next(iter(having.values())))
    return found
