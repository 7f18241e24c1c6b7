"""Comments by which authors say what a cell is: `#@tab`, `#@save`, `#@data`,
`#@folded` and `#@nondeterministic`. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SAVE_MARK = re.compile(r"#\s*@save\b")
#: What begins like a tag of tabs, and what d2lbook takes for one.
ANY_TAG = re.compile(r"(#\s*@tab|%%tab)\b")
TAG = re.compile(r"^(#\s*@tab|%%tab)\s+[\w, ]+$")
#: The output of such a cell differs from run to run (a measured time, say).
NONDETERMINISTIC = "#@nondeterministic"
#: The code of such a cell shows when asked for; its output always does.
FOLDED = "#@folded"
_DATA = re.compile(r"\s*#@data(?:[ \t]+(.*?))?\s*$")


def is_mark(line: str) -> bool:
    """Tell whether a line of a source cell is left out of its notebook."""
    return _is_own(line) or bool(ANY_TAG.match(line))


def _is_own(line: str) -> bool:
    """Tell whether a line is a mark that d2lbook does not know."""
    return line.strip() in (NONDETERMINISTIC, FOLDED) or bool(_DATA.match(line))


def without_own(source: str) -> tuple[str, set[str]]:
    """Return a cell without our marks, and those that are a line of their own."""
    lines = source.split("\n")
    found = {line.strip() for line in lines} & {NONDETERMINISTIC, FOLDED}
    return "\n".join(line for line in lines if not _is_own(line)), found


def declared(source: str) -> Iterator[tuple[int, str]]:
    """Yield the files a cell declares with their lines, from 0; "" names none."""
    for number, line in enumerate(source.split("\n")):
        mark = _DATA.match(line)
        if mark:
            yield number, mark[1] or ""
