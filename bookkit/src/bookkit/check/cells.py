"""Rules on the code cells of one section: tags, parity of tabs, form."""

from __future__ import annotations

import ast
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from bookkit.book.config import Config
from bookkit.book.findings import Finding
from bookkit.book.inputs import beside, is_inside
from bookkit.book.marks import ANY_TAG, SAVE_MARK, TAG, declared, is_allowance
from bookkit.book.source import Cell, Section, notebook_of
from bookkit.book.syntax import plain_code
from bookkit.check.files import check_tab_names
from bookkit.errors import or_nearest

#: What fits a page and a phone next to prose.
MAX_COLUMNS = 79
MAX_LINES = 25
#: A class or a function cannot be cut in two.
MAX_LINES_DEFINITION = 40
#: Makes a finding of its code, line, what was found and what was expected.
Report = Callable[[str, int, str, str], Finding]


def check_cells(config: Config, section: Section) -> Iterator[Finding]:
    """Apply every rule that looks at the cells of one section alone."""
    yield from _check_tabs(config, section)
    yield from _check_groups(config, section)
    for cell in section.code:
        if cell.left_out:
            continue
        yield from _check_tag(config, section, cell)
        yield from _check_form(cell, partial(_at, config, section, cell))
    yield from _check_code(config, section)
    groups = section.groups()
    for cell in groups[0] if groups else ():
        mark = SAVE_MARK.search(cell.source)
        if mark:
            line = cell.line + cell.source[: mark.start()].count("\n")
            found = "`#@save` in the first code cell"
            expected = "the first cell to hold imports only"
            yield _at(config, section, cell, "BK501", line, found, expected)


def check_data(config: Config, section: Section) -> Iterator[Finding]:
    """Look for the files that cells declare."""
    for cell in section.code:
        report = partial(_at, config, section, cell)
        yield from _check_data(config.root, cell, report)


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
    config: Config,
    section: Section,
    cell: Cell,
    code: str,
    line: int,
    found: str,
    expected: str,
) -> Finding:
    """Make a finding on a cell; a cell of every tab names none."""
    tabs = [tab for tab in cell.tabs if tab in config.tab_names]
    tab = tabs[0] if len(tabs) == 1 and len(config.tab_names) > 1 else None
    return Finding(code, section.path, line, tab, found, expected)


def _absent_tabs(config: Config, section: Section) -> set[str]:
    """Name the tabs that a section lacks altogether."""
    present = {tab for cell in section.code for tab in cell.tabs}
    if not section.code or present - set(config.tab_names):
        return set()
    return set(config.tab_names) - present


def _check_tabs(config: Config, section: Section) -> Iterator[Finding]:
    """Find tabs that the whole section lacks without a note."""
    present = {tab for cell in section.cells for tab in cell.tabs}
    in_code = {tab for cell in section.code for tab in cell.tabs}
    strange = in_code - {*config.tab_names, "all"}
    absent = _absent_tabs(config, section)
    for tab in config.tab_names if section.code and not strange else ():
        # d2lbook looks for the tab's own name, and the default tab is exempt
        ignored = "all" in in_code and tab != config.default_tab.name
        if tab in present or not (ignored or tab in absent):
            continue
        found = f"the section has no cell for {tab}"
        expected = f"its cells, or a `:begin_tab:`{tab}`` that says why not"
        if ignored:
            found += ", only `#@tab all`: d2lbook leaves it out"
            expected = f"`#@tab {', '.join(config.tab_names)}` in place of one `all`"
        yield Finding("BK202", section.path, 1, tab, found, expected)


def _check_groups(config: Config, section: Section) -> Iterator[Finding]:
    """Find logical cells that lack a tab without a note."""
    absent, remedy = _absent_tabs(config, section), "add one or the other"
    groups = [tuple(c for c in one if not _is_loader(c)) for one in section.groups()]
    for number, group in enumerate(filter(None, groups), start=1):
        shown = {tab for cell in group for tab in cell.tabs}
        if shown - set(config.tab_names):
            continue
        noted = notes_beside(section, group) | absent
        others = ", ".join(name for name in config.tab_names if name in shown)
        for tab in [tab for tab in config.tab_names if tab not in shown | noted]:
            found = f"cell {number} ({others}) has no counterpart in {tab}"
            expected = (
                f"a `#@tab {tab}` cell next to it, or a `:begin_tab:`{tab}`` note"
            )
            line = group[0].line
            yield Finding("BK201", section.path, line, tab, found, expected, remedy)


def _is_loader(cell: Cell) -> bool:
    """Tell whether d2lbook leaves a cell out: it lets authors run tabs in Jupyter."""
    return "%load_ext d2lbook.tab" in cell.source


def _check_tag(config: Config, section: Section, cell: Cell) -> Iterator[Finding]:
    lines = cell.source.split("\n")
    tagged = [at for at, text in enumerate(lines) if ANY_TAG.search(text)]
    if not tagged and len(config.tab_names) > 1 and not _is_loader(cell):
        found = f"the cell has no tab, so it counts as {config.default_tab.name}"
        expected = f"`#@tab {config.default_tab.name}` or `#@tab all` as first line"
        yield Finding("BK112", section.path, cell.line, None, found, expected)
    if tagged:
        first, tabs = cell.line + tagged[0], list(cell.tabs)
        yield from check_tab_names(config, section.path, first, tabs)
    for at in tagged:
        if at or not TAG.match(lines[at]):
            found = f"`{lines[at].strip()}`"
            expected = "one tag, alone, in the first line of the cell"
            line = cell.line + at
            yield Finding("BK113", section.path, line, None, found, expected)


def _check_form(cell: Cell, report: Report) -> Iterator[Finding]:
    lines = cell.source.split("\n")
    for line, text in enumerate(lines, start=cell.line):
        if is_allowance(text):
            continue  # no reader sees it, and a reason is as long as it has to be
        if "\t" in text:
            yield report("BK402", line, "a tab character", "spaces")
        width = _columns(text)
        if width > MAX_COLUMNS:
            expected = f"at most {MAX_COLUMNS} (a Chinese character takes two)"
            yield report("BK403", line, f"the line is {width} columns wide", expected)
    length = len(lines) - bool(ANY_TAG.match(lines[0]))
    length -= sum(map(is_allowance, lines))
    defines = re.search(r"^(class|def|async def)\b", cell.source, re.M)
    most = MAX_LINES_DEFINITION if defines else MAX_LINES
    if length > most:
        expected = f"at most {most}: split it where prose wants to speak"
        yield report("BK404", cell.line, f"the cell has {length} lines", expected)


def _check_data(root: Path, cell: Cell, report: Report) -> Iterator[Finding]:
    for number, name in declared(cell.source):
        if not is_inside(root, name):
            found = f"`#@data {name}`".replace(" `", "`")
            expected = "a path from the book's folder to a file in it"
            yield report("BK310", cell.line + number, found, expected)
        elif not os.path.isfile(root / name):
            expected = or_nearest(
                f"a file {name} in the book", name, beside(root, name)
            )
            found = f"no data file `{name}`"
            yield report("BK310", cell.line + number, found, expected)


def _columns(text: str) -> int:
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _check_code(config: Config, section: Section) -> Iterator[Finding]:
    """Parse and sort the code of every tab as d2lbook hands it to the kernel."""
    seen = set()
    for tab in config.tab_names:
        notebook = notebook_of(section, tab, config)
        for built in notebook.cells if notebook else ():
            index = built.metadata["origin_pos"]
            if built.cell_type == "code" and (index, built.source) not in seen:
                seen.add((index, built.source))
                cell = section.cells[index]
                report = partial(_at, config, section, cell)
                yield from _judge_code(config.root, cell, built.source, report)


def _judge_code(
    root: Path, cell: Cell, source: str, report: Report
) -> Iterator[Finding]:
    try:
        ast.parse(plain_code(source))
    except SyntaxError as error:
        wrong = (error.text or "").rstrip("\n")
        line = cell.line_of(wrong, error.lineno or 1)
        found = f"not Python: {error.msg}"
        yield report("BK401", line, found, "code that Python can parse")
        return
    sorted_source = sort_imports(source, root)
    if sorted_source == source:
        return
    old, new = source.split("\n"), sorted_source.split("\n")
    at = next(
        (at for at, (one, two) in enumerate(zip(old, new, strict=False)) if one != two),
        min(len(old), len(new)) - 1,
    )
    wanted = new[at].strip() or "an empty line"
    expected = f"`{wanted}` here: imports sorted, in a cell of their own"
    found = f"d2lbook would rewrite the imports from `{old[at].strip()}` on"
    yield report("BK405", cell.line_of(old[at], at + 1), found, expected)


def sort_imports(source: str, root: Path) -> str:
    """Do what d2lbook's `library.format_code` does to a cell, called in the book."""
    if "import " not in source:
        return source
    import isort

    return isort.code(source, config=_isort_config(root)).strip()


@cache
def _isort_config(root: Path) -> Any:
    import isort

    kinds = ["FUTURE", "STDLIB", "THIRDPARTY", "FIRSTPARTY", "LOCALFOLDER"]
    return isort.Config(no_lines_before=kinds, directory=str(root))
