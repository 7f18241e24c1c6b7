"""Comments by which authors say what a cell is: `#@tab`, `#@save`, `#@data`,
`#@folded`, `#@nondeterministic`, `#@no-run`, `#@raises-exception` and `#@allow`.
Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SAVE_MARK = re.compile(r"#\s*@save\b")
#: What begins like a tag of tabs, and what d2lbook takes for one.
ANY_TAG = re.compile(r"(#\s*@tab|%%tab)\b")
TAG = re.compile(r"^(#\s*@tab|%%tab)\s+[\w, ]+$")
#: The output of such a cell differs from run to run (a measured time, say).
NONDETERMINISTIC = "#@nondeterministic"
#: The code of such a cell shows when asked for; its output always does.
FOLDED = "#@folded"
#: Such a cell is shown and not run.
NO_RUN = "#@no-run"
#: Such a cell may raise; also written `# raises-exception`, as the tag is called.
RAISES = "#@raises-exception"
#: What Jupyter's tools call such cells: JupyterLab and Jupyter Book, nbclient, nbval.
TAGS: Mapping[str, tuple[str, ...]] = {
    NONDETERMINISTIC: ("nbval-ignore-output",),
    FOLDED: ("hide-input",),
    NO_RUN: ("skip-execution", "nbval-skip"),
    RAISES: ("raises-exception",),
}
#: d2lbook leaves the cell with this line out of every notebook.
_LOADER = "%load_ext d2lbook.tab"
_RAISES = re.compile(r"#\s*@?raises-exception")
_DATA = re.compile(r"\s*#@data(?:[ \t]+(.*?))?\s*$")
#: What is allowed in such a cell, and why: a code of a finding, a kind of warning.
_ALLOW = re.compile(r"\s*#\s*@allow\b(.*)$")
_ALLOWED = re.compile(r"\s*([^\s:：]*)\s*(?:[:：]\s*(.*?))?\s*", re.S)
#: A tag that begins so names what is allowed in its cell.
ALLOWS = "allows-"


def is_mark(line: str) -> bool:
    """Tell whether a line of a source cell is left out of its notebook."""
    return _is_own(line) or bool(ANY_TAG.match(line))


def _is_own(line: str) -> bool:
    """Tell whether a line is a mark that d2lbook does not know."""
    return mark_of(line) is not None or bool(_DATA.match(line) or is_allowance(line))


def is_allowance(line: str) -> bool:
    """Tell whether a line of a cell allows something."""
    return bool(_ALLOW.match(line))


def allowed(text: str) -> tuple[str, str]:
    """Return what `WHAT: reason` allows, and why; either may be empty."""
    found = _ALLOWED.fullmatch(text)
    return (found[1], found[2] or "") if found else ("", "")


def allowances(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield what a cell allows: the line, from 0, what, and why; these may be empty."""
    for number, line in enumerate(source.split("\n")):
        if mark := _ALLOW.match(line):
            yield number, *allowed(mark[1])


def mark_of(line: str) -> str | None:
    """Return which of our marks of a cell a line is, as it is spelt in `TAGS`."""
    text = line.strip()
    text = RAISES if _RAISES.fullmatch(text) else text
    return text if text in TAGS else None


def without_own(source: str) -> tuple[str, set[str]]:
    """Return a cell without our marks, and those that are a line of their own."""
    lines = source.split("\n")
    found = {mark for mark in map(mark_of, lines) if mark}
    return "\n".join(line for line in lines if not _is_own(line)), found


def is_left_out(source: str) -> bool:
    """Tell whether d2lbook leaves a code cell out of every notebook."""
    return _LOADER in source


def declared(source: str) -> Iterator[tuple[int, str]]:
    """Yield the files a cell declares with their lines, from 0; "" names none."""
    for number, line in enumerate(source.split("\n")):
        mark = _DATA.match(line)
        if mark:
            yield number, mark[1] or ""
