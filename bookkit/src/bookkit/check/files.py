"""Rules on a file as bytes and lines: encoding, fences, tab blocks.

They find what d2lbook's own reader silently gives a meaning to: an unclosed block, say,
ends at the next cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from markdown_it.token import Token

from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.markdown import is_cell, tokens_of
from bookkit.errors import or_nearest
from bookkit.site.html_pages import DOWNLOADS
from bookkit.site.sphinx_internals import OWN_FOLDERS, OWN_PAGES

_BLOCKS = (":begin_tab:", ":end_tab:")


@dataclass
class Page:
    """One `.md` file; links and pictures in it are found from `folder`."""

    path: PurePosixPath
    text: str
    folder: PurePosixPath
    findings: list[Finding] = field(default_factory=list)

    @property
    def tokens(self) -> list[Token]:
        return tokens_of(self.text)

    def report(self, code: str, line: int, found: str, expected: str) -> None:
        self.findings.append(Finding(code, self.path, line, None, found, expected))


def read_page(config: Config, path: PurePosixPath) -> Page:
    """Read a file and apply the rules on its form.

    Bytes that are not UTF-8 are replaced, so that the labels and the toc of the
    file are still known to the rest of the book.
    """
    raw = (config.root / path).read_bytes()
    text = raw.decode("utf-8", errors="replace")
    text_only = text.removeprefix("\ufeff").replace("\r\n", "\n")
    page = Page(path, text_only, path.parent)
    _check_name(page)
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
    _check_fences(page)
    if not any(one.code == "BK106" for one in page.findings):
        _check_blocks(config, page)
    return page


def _check_name(page: Page) -> None:
    """Find a name under which Sphinx would write something of its own."""
    html = str(page.path.with_suffix(".html"))
    if html in OWN_PAGES or page.path.parts[0] in (*OWN_FOLDERS, DOWNLOADS):
        found = f"the site has something of its own under the name `{html}`"
        page.report("BK108", 1, found, "another name of the file or its folder")


def page_of(path: PurePosixPath, text: str) -> Page:
    """Return a text as a page, without rules on its form."""
    return Page(path, text, path.parent)


def _check_fences(page: Page) -> None:
    last = page.text.count("\n")
    for fence in page.tokens:
        if fence.type != "fence" or fence.level or not fence.map:
            continue
        line, (begin, end) = fence.map[0] + 1, fence.map
        is_closed = end - begin - 1 > fence.content.count("\n")
        # Without the quotes of other messages: five backticks would name three
        if inner := _opened_inside(fence):
            found = (
                f"a fence {fence.markup}{fence.info} that is not closed before line "
            )
            expected = f"a line {fence.markup} of its own, above that line"
            page.report("BK106", line, f"{found}{line + inner}", expected)
        # d2lbook's reader needs the line end after a closing fence
        elif not is_closed or end > last:
            found = f"a fence {fence.markup}{fence.info} that is never closed"
            expected = f"a line {fence.markup} of its own, and a line end after it"
            page.report("BK106", line, found, expected)
        elif ".output" in fence.info:
            expected = "code only: the build makes the outputs"
            page.report("BK105", line, "a stored output", expected)
        elif ".input" in fence.info and not fence.content.strip():
            expected = "code, or no cell here"
            page.report("BK106", line, "an empty code cell", expected)


def _opened_inside(fence: Token) -> int:
    """Return the row of a fence, from 1, that looks like the begin of another; or 0."""
    opens = re.compile(re.escape(fence.markup) + r"\s*[^\s`~]")
    rows = fence.content.split("\n")
    return next((at for at, row in enumerate(rows, 1) if opens.match(row)), 0)


def _blocks(page: Page) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the lines of tab blocks and cells: begin, end, cell or wrong, and tabs."""
    rows = page.text.split("\n")
    for token in page.tokens:
        if not token.map:
            continue
        line = token.map[0] + 1
        if is_cell(token):
            yield line, "cell", []
        elif token.type in ("tab_begin", "tab_end"):
            tabs = token.meta["tabs"]
            is_begin = token.type == "tab_begin"
            is_wrong = not rows[line - 1].startswith(":") or (is_begin and tabs == [""])
            yield line, "wrong" if is_wrong else token.type.removeprefix("tab_"), tabs
        elif token.type == "inline":
            for at, row in enumerate(token.content.split("\n"), line):
                if row.strip().startswith(_BLOCKS):
                    yield at, "wrong", []


def _check_blocks(config: Config, page: Page) -> None:
    rows = page.text.split("\n")
    opened = 0
    for line, kind, tabs in _blocks(page):
        row = rows[line - 1].rstrip()
        if kind == "cell" and opened:
            found = f"a code cell inside the `:begin_tab:` of line {opened}"
            page.report("BK118", line, found, "`:end_tab:` before the cell")
        elif kind == "wrong":
            expected = f"`:begin_tab:`{config.default_tab.name}`` at the left margin"
            page.report("BK117", line, f"`{row}`", expected)
            opened = line if "begin" in row else 0
        elif kind == "begin":
            if opened:
                found = f"`:begin_tab:` inside the one of line {opened}"
                page.report("BK115", line, found, "`:end_tab:` before it")
            opened = line
            page.findings += check_tab_names(config, page.path, line, tabs)
        elif kind == "end":
            if not opened:
                found = "`:end_tab:`, but no block is open"
                page.report("BK116", line, found, "a `:begin_tab:` before it")
            opened = 0
    if opened:
        found = f"`{rows[opened - 1].strip()}` is never closed"
        page.report("BK114", opened, found, "`:end_tab:` on a line of its own")


def check_tab_names(
    config: Config, path: PurePosixPath, line: int, tabs: list[str]
) -> Iterator[Finding]:
    """Yield the tabs that `config.ini` does not know, and a misused `all`."""
    known = (*config.tab_names, "all")
    remedy = "correct it here, or add the tab to `tabs` in config.ini"
    for tab in tabs:
        if tab not in known:
            found = f"unknown tab `{tab}`"
            expected = or_nearest(f"one of {', '.join(known)}", tab, known)
            yield Finding("BK111", path, line, tab or None, found, expected, remedy)
    if "all" in tabs and len(tabs) > 1:
        found = f"`all` next to other tabs: {', '.join(tabs)}"
        yield Finding("BK113", path, line, None, found, "`all` alone")
