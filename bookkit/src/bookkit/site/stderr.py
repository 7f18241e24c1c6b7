"""Standard error and tracebacks, which nbconvert writes like printed text.

It writes standard error as it writes standard output, and a traceback as if it were
an example in the text. Both are staged as reStructuredText of our own instead.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the pages' process wants the name below, and no notebooks
    from nbformat import NotebookNode

#: Read by `bookkit.site.extension.cells.outputs`.
DIRECTIVE = "bookkit-output"
_COLOUR = re.compile(r"\x1b\[[\d;]*[mK]")


def with_errors_marked(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return a cell's outputs with those of standard error and of errors marked."""
    marked: list[NotebookNode] = []
    pending = ""
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            pending += _joined(output.text)
            continue
        if pending:
            marked.append(_as_directive("stderr", pending))
            pending = ""
        if output.output_type == "error":
            text = "\n".join(output.traceback)
            marked.append(_as_directive("traceback", text))
        else:
            marked.append(output)
    return [*marked, *([_as_directive("stderr", pending)] if pending else [])]


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _as_directive(kind: str, text: str) -> NotebookNode:
    from nbformat.v4 import new_output

    body = textwrap.indent(_COLOUR.sub("", text).rstrip(), "   ")
    source = f".. {DIRECTIVE}:: {kind}\n\n{body}\n" if body else ""
    return new_output("display_data", data={"text/x-rst": source})  # type: ignore[no-untyped-call,no-any-return]
