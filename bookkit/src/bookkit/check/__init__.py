"""Static rules on a book's sources: what is wrong, where, and what to do.

Nothing here runs a cell or stops at the first problem: a file that cannot be
read costs its own findings only. The rules live in the modules next to this
one, by subject; every code is in `bookkit.book.findings.CODES`.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import PurePosixPath

from bookkit.book import allowances, last_good
from bookkit.book.config import Config
from bookkit.book.findings import CODES, ERROR, UNREADABLE, Finding
from bookkit.book.inputs import section_files, solution_file
from bookkit.book.solutions import exercise_lines, solved
from bookkit.book.source import Section, find_sections, parse_section
from bookkit.check import cells, committed, files, references, saved, uses
from bookkit.check.files import Page
from bookkit.check.formulas import check_formulas
from bookkit.check.memory import Memory
from bookkit.errors import SourceError

__all__ = [
    "CODES",
    "Finding",
    "Memory",
    "check_book",
    "examine_book",
]


def check_book(config: Config) -> list[Finding]:
    """Apply every rule to every section; tabs that are not selected count too."""
    return examine_book(config)[0]


def examine_book(
    config: Config, memory: Memory | None = None
) -> tuple[list[Finding], list[Section]]:
    """Apply every rule; return the findings, and what was read for them.

    With a `memory`, sections it knows are not examined again.
    """
    memory = memory or Memory()
    reading, problem = _reading_order(config)
    pages: list[Page] = []
    sections, findings = [], []
    for path in reading:
        page, section, own = _examine(config, path, memory)
        findings += own
        if section is None:
            section = last_good.in_place_of(config, path, str(own[0]))
            page = files.page_of(path, section.text)
        section, solved = _with_solution(config, section, memory, pages)
        findings += solved
        pages.append(page)
        sections.append(section)
    findings += references.check_references(config, pages, reading)
    findings += saved.check_saved(config, sections, memory)
    findings += committed.check_committed(config, sections)
    memory.save()
    texts = {page.path: page.text for page in pages}
    findings = [
        *allowances.without_allowed(texts, findings),
        *allowances.check_allowances(texts, findings),
    ]
    if problem:
        findings = [one for one in findings if one.code != "BK307"] + [problem]
    found = sorted(dict.fromkeys(findings), key=lambda finding: finding.order)
    return found, sections


def _reading_order(config: Config) -> tuple[list[PurePosixPath], Finding | None]:
    """List the sections, by name if the toc cannot be followed."""
    try:
        return find_sections(config), None
    except SourceError as error:
        place, found = str(error).splitlines()[0].split(": ", 1)
        path, _, line = place.removeprefix(f"{config.root}/").partition(":")
        expected = "a first page, and a tree of pages below it"
        problem = Finding(
            "BK107", PurePosixPath(path), int(line or 1), None, found, expected
        )
        return section_files(config), problem


def _with_solution(
    config: Config, section: Section, memory: Memory, pages: list[Page]
) -> tuple[Section, list[Finding]]:
    """Read the solutions of a section, and apply the rules to them."""
    path = solution_file(config, section.path)
    if path is None:
        return section, []
    page, solution, findings = _examine(config, path, memory)
    page.folder = section.path.parent  # it is shown there
    pages.append(page)
    if solution is None:
        unread = {**section.unread, path: str(findings[0])}
        solution = last_good.last(config, path)
        return replace(section, solution=solution, unread=unread), findings
    exercises = exercise_lines(section.text)
    for line, number in solved(page.text):
        if number not in exercises:
            known = f"one of its exercises: {', '.join(exercises) or 'it has none'}"
            found = f"`## {number}`, but {section.path} has no such exercise"
            findings.append(Finding("BK311", path, line, None, found, known))
    return replace(section, solution=solution), findings


def _examine(
    config: Config, path: PurePosixPath, memory: Memory
) -> tuple[Page, Section | None, list[Finding]]:
    """Apply the rules of one section, as far as it can be read."""
    page = files.read_page(config, path)
    page.findings += check_formulas(page)
    try:
        section = parse_section(config, path, page.text)
    except SourceError as error:
        # the reader's own words only where no rule has said it better
        if not any(finding.code.startswith("BK1") for finding in page.findings):
            place, _, found = str(error).splitlines()[0].partition(": ")
            line = place.removeprefix(f"{path}").removeprefix(":")
            expected = "fences and tab blocks at the left margin, each of them closed"
            page.report("BK101", int(line or 1), found, expected)
        return page, None, page.findings
    errors = {one.code for one in page.findings if config.levels[one.code] == ERROR}
    if errors & UNREADABLE:
        return page, None, page.findings
    examine = functools.partial(cells.check_cells, config, section)
    own = memory.recall("cells", section, examine)
    examine = functools.partial(uses.check_uses, config, section)
    own += memory.recall("uses", section, examine)
    own += cells.check_data(config, section)
    return page, section, page.findings + own
