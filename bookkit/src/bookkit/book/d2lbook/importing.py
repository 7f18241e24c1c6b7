"""Import d2lbook without what only commands of other people need.

It comes with notedown, which comes with Jupyter's content manager, nbconvert's
executor and pkg_resources, and with an HTTP client to publish books: two thirds of
the time in which a build with next to nothing to do imports its parts. Whoever uses
one of them in earnest gets it, a moment later.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import types
from collections.abc import Iterator
from typing import Any

#: Imported by d2lbook as a whole, and used by few of its functions.
_LATER = ("isort", "nbconvert", "requests", "tarfile")
#: What jsonschema checks strings with where it finds it. No notebook asks for that.
_UNUSED = (
    "fqdn",
    "isoduration",
    "rfc3339_validator",
    "rfc3986_validator",
    "rfc3987",
    "rfc3987_syntax",
    "uri_template",
    "webcolors",
)
#: What notedown takes from nbconvert to run and to write notebooks.
_NOTEDOWN_TAKES = {
    "nbconvert": "TemplateExporter",
    "nbconvert.preprocessors": "",
    "nbconvert.preprocessors.execute": "ExecutePreprocessor",
}


def prepare() -> None:
    """Let the next import of d2lbook be a quick one. Costs nothing when repeated."""
    if "d2lbook" in sys.modules or "nbconvert" in sys.modules:
        return
    with _without(_UNUSED):
        import nbformat.v4  # noqa: F401  (imports jsonschema)
    _import_reader()
    for name in _LATER:
        _import_later(name)


def _import_reader() -> None:
    """Import of notedown what reads Markdown, under the name of the whole."""
    spec = importlib.util.find_spec("notedown")
    if spec is None:
        return  # d2lbook will say what is missing
    package = importlib.util.module_from_spec(spec)
    stand_ins = {}
    for name, taken in _NOTEDOWN_TAKES.items():
        stand_ins[name] = types.ModuleType(name)
        if taken:
            setattr(stand_ins[name], taken, object)
    sys.modules["notedown"] = package
    sys.modules.update(stand_ins)
    try:
        reader = importlib.import_module("notedown.notedown")
    except BaseException:
        del sys.modules["notedown"]
        raise
    finally:
        for name in stand_ins:
            del sys.modules[name]
    package.MarkdownReader = reader.MarkdownReader  # type: ignore[attr-defined]


class _Later(types.ModuleType):
    """Stands for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _import_later(name: str) -> None:
    # Not `importlib.util.LazyLoader`: for that, a second `import` is a use.
    if name not in sys.modules and importlib.util.find_spec(name):
        sys.modules[name] = _Later(name)


@contextlib.contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports of modules fail that nobody has imported so far."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
