"""d2lbook's marks of what goes on slides, which readers do not see.

`[**…**]` and `(**…**)` are text; `[~~…~~]` and `(~~…~~)` are for slides alone. A link
whose text is bold, `[**…**](…)`, is no mark.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_FENCED = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^(?P=fence)[`~]*[ \t]*$|\Z)", re.M | re.S
)
_MARK = re.compile(
    r"\[\*\*(.*?)\*\*\](?!\()|\(\*\*(.*?)\*\*\)|\[~~(.*?)~~\](?!\()|\(~~(.*?)~~\)", re.S
)


def plugin(parser: MarkdownIt) -> None:
    parser.core.ruler.before("block", "slides", _rule)


def _rule(state: StateCore) -> None:
    state.src = without_slide_marks(state.src)


def without_slide_marks(text: str) -> str:
    """Return a text without them; code stays as it is, and lines keep their numbers."""
    if not _MARK.search(text):
        return text
    made, at = "", 0
    for fenced in _FENCED.finditer(text):
        made += _MARK.sub(_read, text[at : fenced.start()]) + fenced[0]
        at = fenced.end()
    return made + _MARK.sub(_read, text[at:])


def _read(mark: re.Match[str]) -> str:
    shown = mark[1] if mark[1] is not None else mark[2]
    return "\n" * mark[0].count("\n") if shown is None else shown
