"""Rules on the code cells of one section: tags, parity of tabs, form."""

from __future__ import annotations

import ast
import re
import unicodedata
from functools import cache
from typing import Any

from bookkit.book.config import Config
from bookkit.book.datafiles import is_inside
from bookkit.book.findings import Finding
from bookkit.book.marks import ANY_TAG, SAVE_MARK, TAG, declared
from bookkit.book.source import Cell, Section, notebook_of
from bookkit.book.syntax import plain_code
from bookkit.check.files import check_tab_names

#: What fits a page and a phone next to prose.
MAX_COLUMNS = 79
MAX_LINES = 25
#: A class or a function cannot be cut in two.
MAX_LINES_DEFINITION = 40


def check_cells(config: Config, section: Section) -> list[Finding]:
    """Apply every rule that looks at the cells of one section alone."""
    findings = _check_groups(config, section)
    for cell in section.code:
        findings += _check_tag(config, section, cell)
        findings += _check_form(config, section, cell)
        findings += _check_data(config, section, cell)
    findings += _check_code(config, section)
    groups = section.groups()
    for cell in groups[0] if groups else ():
        mark = SAVE_MARK.search(cell.source)
        if mark:
            line = cell.line + cell.source[: mark.start()].count("\n")
            found = "`#@save` in the first code cell"
            expected = "the first cell to hold imports only"
            findings.append(_at(section, "BK501", line, cell, config, found, expected))
    return findings


def notes_beside(section: Section, group: tuple[Cell, ...]) -> set[str]:
    """Name the tabs that have a tab block directly before or after a group."""
    noted: set[str] = set()
    for start, step in ((group[0].index - 1, -1), (group[-1].index + 1, 1)):
        at = start
        while 0 <= at < len(section.cells):
            cell = section.cells[at]
            if cell.kind == "code" or not cell.tabs:
                break
            noted |= set(cell.tabs)
            at += step
    return noted


def _at(
    section: Section,
    code: str,
    line: int,
    cell: Cell,
    config: Config,
    found: str,
    expected: str,
    next: str = "",
) -> Finding:
    """Make a finding on a cell; a cell of every tab names none."""
    tabs = [tab for tab in cell.tabs if tab in config.tab_names]
    tab = tabs[0] if len(tabs) == 1 and len(config.tab_names) > 1 else None
    return Finding(code, section.path, line, tab, found, expected, next)


def _check_groups(config: Config, section: Section) -> list[Finding]:
    """Find logical cells, or whole sections, that lack a tab without a note."""
    findings: list[Finding] = []
    blocks = {tab for cell in section.cells for tab in cell.tabs if cell.kind != "code"}
    present = {tab for cell in section.code for tab in cell.tabs}
    strange = present - {*config.tab_names, "all"}
    absent: set[str] = set()
    if section.code and "all" not in present and not strange:
        absent = {tab for tab in config.tab_names if tab not in present}
    for tab in config.tab_names if section.code and not strange else ():
        # d2lbook looks for the tab's own name, and the default tab is exempt
        ignored = "all" in present and tab != config.default_tab.name
        if tab in present | blocks or not (ignored or tab in absent):
            continue
        found = f"the section has no cell for {tab}"
        expected = f"its cells, or a `:begin_tab:`{tab}`` that says why not"
        if ignored:
            found += ", only `#@tab all`: d2lbook leaves it out"
            expected = f"`#@tab {', '.join(config.tab_names)}` in place of one `all`"
        findings.append(Finding("BK202", section.path, 1, tab, found, expected))
    for number, group in enumerate(section.groups(), start=1):
        shown = {tab for cell in group for tab in cell.tabs}
        if "all" in shown or shown - set(config.tab_names):
            continue
        noted = notes_beside(section, group) | absent
        for tab in [tab for tab in config.tab_names if tab not in shown | noted]:
            others = ", ".join(name for name in config.tab_names if name in shown)
            findings.append(
                Finding(
                    "BK201",
                    section.path,
                    group[0].line,
                    tab,
                    f"cell {number} ({others}) has no counterpart in {tab}",
                    f"a `#@tab {tab}` cell next to it, or a `:begin_tab:`{tab}`` note",
                    "add one or the other",
                )
            )
    return findings


def _check_tag(config: Config, section: Section, cell: Cell) -> list[Finding]:
    lines = cell.source.split("\n")
    tagged = [at for at, text in enumerate(lines) if ANY_TAG.search(text)]
    if not tagged:
        if len(config.tab_names) < 2:
            return []
        found = f"the cell has no tab, so it counts as {config.default_tab.name}"
        expected = f"`#@tab {config.default_tab.name}` or `#@tab all` as first line"
        return [Finding("BK112", section.path, cell.line, None, found, expected)]
    findings = check_tab_names(
        config, section.path, cell.line + tagged[0], list(cell.tabs)
    )
    for at in tagged:
        if at or not TAG.match(lines[at]):
            found = f"`{lines[at].strip()}`"
            expected = "one tag, alone, in the first line of the cell"
            line = cell.line + at
            findings.append(Finding("BK113", section.path, line, None, found, expected))
    return findings


def _check_form(config: Config, section: Section, cell: Cell) -> list[Finding]:
    findings = []
    lines = cell.source.split("\n")
    for line, text in enumerate(lines, start=cell.line):
        if "\t" in text:
            expected = "spaces"
            findings.append(
                _at(section, "BK402", line, cell, config, "a tab character", expected)
            )
        width = _columns(text)
        if width > MAX_COLUMNS:
            found = f"the line is {width} columns wide"
            expected = f"at most {MAX_COLUMNS} (a Chinese character takes two)"
            findings.append(_at(section, "BK403", line, cell, config, found, expected))
    length = len(lines) - bool(ANY_TAG.match(lines[0]))
    defines = re.search(r"^(class|def|async def)\b", cell.source, re.M)
    most = MAX_LINES_DEFINITION if defines else MAX_LINES
    if length > most:
        found = f"the cell has {length} lines"
        expected = f"at most {most}: split it where prose wants to speak"
        findings.append(_at(section, "BK404", cell.line, cell, config, found, expected))
    return findings


def _check_data(config: Config, section: Section, cell: Cell) -> list[Finding]:
    findings = []
    for number, name in declared(cell.source):
        line = cell.line + number
        if not is_inside(config.root, name):
            found = f"`#@data {name}`".replace(" `", "`")
            expected = "a path from the book's folder to a file in it"
        elif not (config.root / name).is_file():
            found, expected = f"no data file `{name}`", f"a file {name} in the book"
        else:
            continue
        findings.append(_at(section, "BK310", line, cell, config, found, expected))
    return findings


def _columns(text: str) -> int:
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _check_code(config: Config, section: Section) -> list[Finding]:
    """Parse and sort the code of every tab as d2lbook hands it to the kernel."""
    found: dict[tuple[int, str], list[tuple[str, int, str, str]]] = {}
    for tab in config.tab_names:
        notebook = notebook_of(section, tab, config)
        for built in notebook.cells if notebook else ():
            if built.cell_type != "code":
                continue
            index = built.metadata["origin_pos"]
            if (index, built.source) not in found:
                original = section.cells[index]
                found[index, built.source] = _judge_code(original, built.source)
    return [
        _at(section, code, line, section.cells[index], config, text, expected)
        for (index, _), problems in found.items()
        for code, line, text, expected in problems
    ]


def _judge_code(cell: Cell, source: str) -> list[tuple[str, int, str, str]]:
    plain = plain_code(source)
    try:
        ast.parse(plain)
    except SyntaxError as error:
        wrong = (error.text or "").rstrip("\n")
        line = cell.line_of(wrong, error.lineno or 1)
        found = f"not Python: {error.msg}"
        return [("BK401", line, found, "code that Python can parse")]
    sorted_source = sort_imports(source)
    if sorted_source == source:
        return []
    old, new = source.split("\n"), sorted_source.split("\n")
    at = next(
        (at for at, (one, two) in enumerate(zip(old, new, strict=False)) if one != two),
        min(len(old), len(new)) - 1,
    )
    wanted = new[at].strip() or "an empty line"
    expected = f"`{wanted}` here: imports sorted, in a cell of their own"
    found = f"d2lbook would rewrite the imports from `{old[at].strip()}` on"
    return [("BK405", cell.line_of(old[at], at + 1), found, expected)]


def sort_imports(source: str) -> str:
    """Do what d2lbook's `library.format_code` does to a cell."""
    if "import " not in source:
        return source
    import isort

    return isort.code(source, config=_isort_config()).strip()


@cache
def _isort_config() -> Any:
    import isort

    kinds = ["FUTURE", "STDLIB", "THIRDPARTY", "FIRSTPARTY", "LOCALFOLDER"]
    return isort.Config(no_lines_before=kinds)
