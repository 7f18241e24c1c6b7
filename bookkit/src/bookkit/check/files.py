"""Rules on a file as bytes and lines: encoding, fences, tab blocks.

Reads the text line by line, because d2lbook's own reader silently gives a
meaning to whatever it meets: an unclosed block, say, ends at the next cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bookkit.book.config import Config
from bookkit.book.findings import Finding

#: Of a file with one of these nobody knows where its cells and tabs end.
UNREADABLE = frozenset(
    {"BK101", "BK102", "BK106", "BK114", "BK115", "BK116", "BK117", "BK118"}
)
_FENCE = re.compile(r"^(`{3,}|~{3,})[ \t]*(.*)$")
_BLOCK = re.compile(r"^(\s*):(begin_tab|end_tab):(.*)$")
_TABS = re.compile(r"^`([^`]+)`\s*$")
_CLASS = re.compile(r"\.(input|output)\b")


@dataclass(frozen=True)
class Fence:
    """One fenced block; `line` is the opening fence's, `body` what it encloses."""

    line: int
    info: str
    body: tuple[str, ...]

    @property
    def is_cell(self) -> bool:
        """Tell whether d2lbook makes a code cell of it."""
        return ".input" in self.info


@dataclass
class Page:
    """One `.md` file as lines; `prose` holds (line, text) outside fences."""

    path: PurePosixPath
    text: str
    prose: list[tuple[int, str]] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def report(self, code: str, line: int, found: str, expected: str) -> None:
        self.findings.append(Finding(code, self.path, line, None, found, expected))


def read_page(config: Config, path: PurePosixPath) -> Page:
    """Read a file and apply the rules on its form.

    Bytes that are not UTF-8 are replaced, so that the labels and the toc of the
    file are still known to the rest of the book.
    """
    raw = (config.root / path).read_bytes()
    text = raw.decode("utf-8", errors="replace")
    page = Page(path, text.removeprefix("\ufeff").replace("\r\n", "\n"))
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        page.report("BK102", line, found, "a file saved as UTF-8")
    if text.startswith("\ufeff"):
        page.report("BK103", 1, "a byte order mark", "UTF-8 without BOM")
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        found = f"{text.count(chr(13))} carriage returns, the first one here"
        page.report("BK104", line, found, "lines that end with LF alone")
    _split(page)
    _check_fences(page)
    _check_blocks(config, page)
    return page


def page_of(path: PurePosixPath, text: str) -> Page:
    """Return a text as lines, without rules on its form."""
    page = Page(path, text)
    _split(page)
    return page


def _split(page: Page) -> None:
    """Sort the lines into prose and fences, the way Markdown does."""
    rows = page.text.split("\n")
    number = 0
    while number < len(rows):
        opening = _FENCE.match(rows[number])
        if not opening:
            page.prose.append((number + 1, rows[number]))
            number += 1
            continue
        closing = next(
            (at for at in range(number + 1, len(rows)) if rows[at] == opening[1]), None
        )
        # d2lbook's reader needs the line end after a closing fence
        if closing is None or closing == len(rows) - 1:
            found = f"a `{opening[1]}{opening[2]}` that is never closed"
            expected = f"a line `{opening[1]}` of its own, and a line end after it"
            page.report("BK106", number + 1, found, expected)
            return
        fence = Fence(number + 1, opening[2], tuple(rows[number + 1 : closing]))
        page.fences.append(fence)
        number = closing + 1


def _check_fences(page: Page) -> None:
    for fence in page.fences:
        kinds = set(_CLASS.findall(fence.info))
        if "output" in kinds:
            expected = "code only: the build makes the outputs"
            page.report("BK105", fence.line, "a stored output", expected)
        elif "input" in kinds and not fence.body:
            expected = "code, or no cell here"
            page.report("BK106", fence.line, "an empty code cell", expected)


def _check_blocks(config: Config, page: Page) -> None:
    cells = {fence.line for fence in page.fences if fence.is_cell}
    marks = [(line, _BLOCK.match(text)) for line, text in page.prose]
    events = sorted(
        [(line, mark) for line, mark in marks if mark] + [(at, None) for at in cells],
        key=lambda event: event[0],
    )
    opened: tuple[int, str] | None = None
    for line, mark in events:
        if mark is None:
            if opened:
                found = f"a code cell inside the `:begin_tab:` of line {opened[0]}"
                page.report("BK118", line, found, "`:end_tab:` before the cell")
        elif mark[1] or (mark[2] == "begin_tab" and not _TABS.match(mark[3])):
            found = f"`{mark[0].rstrip()}`"
            expected = f"`:begin_tab:`{config.default_tab.name}`` at the left margin"
            page.report("BK117", line, found, expected)
            opened = (line, mark[3]) if mark[2] == "begin_tab" else None
        elif mark[2] == "begin_tab":
            if opened:
                found = f"`:begin_tab:` inside the one of line {opened[0]}"
                page.report("BK115", line, found, "`:end_tab:` before it")
            opened = (line, mark[3])
            tabs = [tab.strip() for tab in mark[3].strip().strip("`").split(",")]
            page.findings += check_tab_names(config, page.path, line, tabs)
        else:
            if not opened:
                found = "`:end_tab:`, but no block is open"
                page.report("BK116", line, found, "a `:begin_tab:` before it")
            opened = None
    if opened:
        found = f"`:begin_tab:{opened[1].strip()}` is never closed"
        page.report("BK114", opened[0], found, "`:end_tab:` on a line of its own")


def check_tab_names(
    config: Config, path: PurePosixPath, line: int, tabs: list[str]
) -> Iterator[Finding]:
    """Yield the tabs that `config.ini` does not know, and a misused `all`."""
    known = (*config.tab_names, "all")
    expected = f"one of {', '.join(known)}"
    remedy = "correct it here, or add the tab to `tabs` in config.ini"
    for tab in tabs:
        if tab not in known:
            found = f"unknown tab `{tab}`"
            yield Finding("BK111", path, line, tab or None, found, expected, remedy)
    if "all" in tabs and len(tabs) > 1:
        found = f"`all` next to other tabs: {', '.join(tabs)}"
        yield Finding("BK113", path, line, None, found, "`all` alone")
