"""Cells and outputs of which d2lbook and nbconvert would lose what they are.

d2lbook writes a cell without output and the next one as one block of code. nbconvert
writes standard error as it writes standard output, a traceback as if it were an
example in the text, and of a picture that comes with a caption the picture alone. What
it would lose is staged as reStructuredText of our own.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bookkit.book.marks import FOLDED

if TYPE_CHECKING:  # the pages' process wants the names below, and no notebooks
    from nbformat import NotebookNode

#: Read by `bookkit.site.extension.cells.outputs`.
DIRECTIVE, CAPTION = "bookkit-output", "bookkit-caption"
#: Read by `bookkit.site.extension.live`.
INTERACTIVE = "bookkit-interactive"
#: Where the code of a folded cell ends; read by `.folded`.
FOLD_END = "#@folded-end"
_COLOUR = re.compile(r"\x1b\[[\d;]*[mK]")
_INTERACTIVE_KIND = re.compile(r"application/vnd\.bookkit\.(\w+)\+json")
_PICTURE, _PLAIN = "image/svg+xml", "text/plain"


def folded(source: str) -> str:
    """Return the code of a cell with marks where it begins and ends."""
    return f"{FOLDED}\n{source}\n{FOLD_END}"


def with_marks(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return a cell's outputs with marks on errors and captions."""
    marked: list[NotebookNode] = []
    pending = ""
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            pending += _joined(output.text)
            continue
        if pending:
            marked.append(_as_directive(f"{DIRECTIVE}:: stderr", pending))
            pending = ""
        if output.output_type == "error":
            text = "\n".join(output.traceback)
            marked.append(_as_directive(f"{DIRECTIVE}:: traceback", text))
        else:
            marked += [*_with_caption(output), *_interactive(output)]
    if pending:
        marked.append(_as_directive(f"{DIRECTIVE}:: stderr", pending))
    return marked


def _with_caption(output: NotebookNode) -> Iterator[NotebookNode]:
    data = output.get("data", {})
    text = _joined(data.get(_PLAIN, "")).strip()
    # The name of a class is what objects say of themselves that have no caption.
    if _PICTURE not in data or not text or text.startswith("<"):
        yield output
        return
    yield _shown(_PICTURE, _joined(data[_PICTURE]))
    yield _as_directive(f"{CAPTION}::", text)


def _interactive(output: NotebookNode) -> Iterator[NotebookNode]:
    for kind, content in output.get("data", {}).items():
        named = _INTERACTIVE_KIND.fullmatch(kind)
        if named:
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            yield _as_directive(f"{INTERACTIVE}:: {named[1]}", text)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _as_directive(name: str, text: str) -> NotebookNode:
    body = textwrap.indent(_COLOUR.sub("", text).rstrip(), "   ")
    return _shown("text/x-rst", f".. {name}\n\n{body}\n" if body else "")


def _shown(kind: str, content: str) -> NotebookNode:
    from nbformat.v4 import new_output

    return new_output("display_data", data={kind: content})  # type: ignore[no-untyped-call,no-any-return]
