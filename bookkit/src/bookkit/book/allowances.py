"""What an author allows in one place, and why: findings of one rule, a kind of warning.

`#@allow BK403: reason` is a line of a cell, and holds for the cell; in the text it is a
comment, `<!-- #@allow BK305: reason -->`, and holds for its line and the lines below it
up to the next empty one.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from markdown_it.token import Token

from bookkit.book.findings import CODES, OF_A_RUN, UNREADABLE, WARNINGS, Finding
from bookkit.book.markdown import is_cell, tokens_of
from bookkit.book.marks import allowances, allowed, is_allowance
from bookkit.book.remembered import TEXTS
from bookkit.errors import or_nearest

#: Codes that stand for something else, or that nobody may do without here.
_NEVER = UNREADABLE | {"BK121", "BK122", "BK509", "BK601"} | (OF_A_RUN - {"BK602"})
_COMMENT = re.compile(r"<!--\s*#?\s*@allow\b(.*?)-->", re.S)
_FORM = "`#@allow BK403: reason`"
_BEHIND = re.compile(r"\S.*#\s*@allow\s+(BK\d+|\w+Warning)\b")


@dataclass(frozen=True)
class Allowance:
    """One of them: where it stands, and for which lines it is."""

    line: int
    what: str
    why: str
    lines: range
    in_cell: bool = False
    alone: bool = True

    @property
    def problem(self) -> tuple[str, str] | None:
        """Say what is wrong with it by itself: what was found and what is expected."""
        codes = [code for code in CODES if code not in _NEVER]
        known = [*codes, *(WARNINGS if self.in_cell else ())]
        shown = f"`#@allow {self.what}`".replace(" `", "`")
        if not self.alone:
            return f"{shown} behind code", f"a line {_FORM} of its own"
        if self.what in CODES and self.what not in codes:
            return f"{self.what} cannot be allowed in a place", "a place that is mended"
        if self.what in WARNINGS and not self.in_cell:
            return f"{shown} in the text", "a line of the cell that is warned"
        if self.what not in known:
            form = f"{_FORM}: a code of `bookkit check`"
            form += f", or {', '.join(WARNINGS)}" if self.in_cell else ""
            return f"{shown}: no such rule", or_nearest(form, self.what, known)
        return None if self.why else (f"{shown} without a reason", _FORM)

    def permits(self, finding: Finding) -> bool:
        """Tell whether a finding, in the file that it stands in, is allowed by it."""
        return self.what == finding.code and finding.line in self.lines


@functools.lru_cache(maxsize=TEXTS)
def allowances_in(text: str) -> tuple[Allowance, ...]:
    """Return what a file allows; examples in its text allow nothing."""
    return tuple(_found(text)) if "@allow" in text else ()


def without_allowed(
    texts: Mapping[PurePosixPath, str], findings: Iterable[Finding]
) -> list[Finding]:
    """Return the findings that the texts of their files do not allow."""
    return [
        finding
        for finding in findings
        if not any(
            one.permits(finding) and one.problem is None
            for one in allowances_in(texts.get(finding.path, ""))
        )
    ]


def check_allowances(
    texts: Mapping[PurePosixPath, str], findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Find allowances that are wrong, or allow none of the findings."""
    found = list(findings)
    for path, text in texts.items():
        for one in allowances_in(text):
            if one.problem:
                yield Finding("BK122", path, one.line, None, *one.problem)
            elif one.what in {*WARNINGS, *OF_A_RUN}:
                continue  # a run tells
            elif not any(other.path == path and one.permits(other) for other in found):
                last = one.lines[-1]
                said = f"`#@allow {one.what}`, but nothing of it is found here"
                expected = f"a finding {one.what} in lines {one.lines[0]} to {last}"
                remedy = "delete the line, or put it where the finding is"
                yield Finding("BK121", path, one.line, None, said, expected, remedy)


def _found(text: str) -> Iterator[Allowance]:
    for token in tokens_of(text):
        if is_cell(token) and token.map:
            first, last = token.map
            for row, what, why in allowances(token.content):
                lines = range(first + 1, last + 1)
                yield Allowance(first + 2 + row, what, why, lines, in_cell=True)
            for row, code in enumerate(token.content.split("\n")):
                behind = None if is_allowance(code) else _BEHIND.search(code)
                if behind:
                    line, lines = first + 2 + row, range(0)
                    yield Allowance(line, behind[1], "", lines, True, alone=False)
        else:
            for line, words in _comments(token):
                yield Allowance(line, *allowed(words), _below(text, line))


def _comments(token: Token) -> Iterator[tuple[int, str]]:
    """Yield the lines, from 1, of comments in a block, and what they say."""
    if not token.map:
        return
    if token.type == "html_block":
        for found in _COMMENT.finditer(token.content):
            before = token.content[: found.start()].count("\n")
            yield token.map[0] + 1 + before, " ".join(found[1].split())
    row = token.map[0] + 1
    for part in token.children or ():
        if part.type == "html_inline":
            if comment := _COMMENT.match(part.content):
                yield row, " ".join(comment[1].split())
            row += part.content.count("\n")
        row += part.type in ("softbreak", "hardbreak")


def _below(text: str, line: int) -> range:
    """Return the lines from a comment's to the end of the lines that follow it."""
    rows = text.split("\n")[line - 1 :]
    begin = 0 if _COMMENT.sub("", rows[0]).strip() else 1
    end = begin
    blank = itertools.takewhile(lambda row: not row.strip(), rows[begin:])
    end = begin + sum(1 for _ in blank)
    full = itertools.takewhile(lambda row: row.strip(), rows[end:])
    return range(line, line + end + sum(1 for _ in full))
