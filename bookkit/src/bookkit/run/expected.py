"""What a book expects of its code, and what a run says of it: findings of a run.

They are told from the results alone, so what is kept is judged like what has just run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bookkit.book.config import CONFIG_NAME, Config
from bookkit.book.findings import OFF, STYLE, WARNINGS, Finding
from bookkit.book.judge import with_levels
from bookkit.book.marks import ALLOWS, RAISES, TAGS, mark_of
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import Cell, Section, runs_code
from bookkit.run.results import CellResult, Result, Status

#: How a warning begins that a cell itself is warned of.
_WARNED = re.compile(r"^<cell \d+>:\d+: (\w+): ", re.M)
_ByName = Mapping[tuple[str, str], Result]


def findings_of(
    config: Config, sections: Sequence[Section], results: Iterable[Result]
) -> list[Finding]:
    """Return what a run of some of the book's notebooks finds, by its place.

    `sections` are all of the book: what names several notebooks is judged when all of
    them have run.
    """
    by_name = {(one.section, one.tab): one for one in results}
    found = list(_of_entries(config, sections, by_name))
    for section in sections:
        for tab in config.tabs:
            result = by_name.get((str(section.path), tab.name))
            if result is not None:
                for ran in _ran_cells(config, section, result):
                    found += _of_cell(config, ran)
    return sorted(with_levels(config, found), key=lambda one: one.order)


def notes_of(
    config: Config, section: Section, results: Iterable[Result], tab: str
) -> dict[int, str]:
    """Return what readers of a notebook are told: position of a cell, key of words."""
    by_name = {(one.section, one.tab): one for one in results}
    result = by_name.get((str(section.path), tab))
    if result is None or config.levels["BK602"] == OFF:
        return {}
    ran = list(_ran_cells(config, section, result))
    notes = {one.position: "run_did_not_fail" for one in ran if one.did_not_fail}
    named = config.runs.allow_errors.named(section.path, tab)
    idle = any(_is_idle(config, [section], entry, by_name) for entry in named)
    if ran and idle:
        notes[ran[0].position] = "run_none_failed"
    return notes


@dataclass(frozen=True)
class _Ran:
    """A code cell that was run to its end, and what came of it."""

    position: int
    path: PurePosixPath
    cell: Cell
    tab: str
    tags: Sequence[str]
    result: CellResult

    @property
    def did_not_fail(self) -> bool:
        """Tell whether it is declared to fail, and did not, which is not allowed."""
        kinds = [one["output_type"] for one in self.result.outputs]
        expected = TAGS[RAISES][0] in self.tags and f"{ALLOWS}BK602" not in self.tags
        return expected and "error" not in kinds

    @property
    def warned(self) -> list[str]:
        """Return the kinds of deprecation that it is warned of."""
        texts = [
            one["text"] if isinstance(one["text"], str) else "".join(one["text"])
            for one in self.result.outputs
            if one["output_type"] == "stream" and one["name"] == "stderr"
        ]
        names = _WARNED.findall("".join(texts))
        # A library's own kinds end so, too; one of the three is the end of another
        return list(dict.fromkeys(filter(None, map(_kind_of, names))))

    def line_of(self, mark: str) -> int:
        """Return the line of a mark in the file; that of the cell without it."""
        for line, text in enumerate(self.cell.source.split("\n"), self.cell.line):
            if mark in (mark_of(text), text.strip()):
                return line
        return self.cell.line


def _kind_of(name: str) -> str:
    fitting = [kind for kind in WARNINGS if name.endswith(kind)]
    return max(fitting, key=len, default="")


def _ran_cells(config: Config, section: Section, result: Result) -> Iterator[_Ran]:
    notebook = run_notebook_of(section, result.tab, config)
    code = [c for c in notebook.cells if c.cell_type == "code"] if notebook else []
    places = {at: (path, cell) for at, path, cell in section.located()}
    failed = result.failure.position if result.failure else None
    for cell, ran in zip(code, result.cells, strict=False):
        at, tags = cell.metadata["origin_pos"], cell.metadata.get("tags", [])
        if ran.execution_count is not None and at != failed:
            path, source = places[at]
            yield _Ran(at, path, source, result.tab, tags, ran)


def _of_cell(config: Config, ran: _Ran) -> Iterator[Finding]:
    if ran.did_not_fail:
        found = "the cell is declared to fail, and does not"
        expected = "an error of this cell, or no such mark"
        remedy = "delete the mark; `#@allow BK602: reason` if it depends on the machine"
        line = ran.line_of(RAISES)
        yield Finding("BK602", ran.path, line, ran.tab, found, expected, remedy)
    warned = ran.warned
    lines = ran.cell.source.split("\n")
    for tag in ran.tags:
        kind = tag.removeprefix(ALLOWS)
        if tag.startswith(ALLOWS) and kind in WARNINGS and kind not in warned:
            row = next((at for at, one in enumerate(lines) if kind in one), 0)
            found = f"`#@allow {kind}`, but the cell is not warned so"
            expected = f"a {kind} in its output"
            line, remedy = ran.cell.line + row, "delete the line"
            yield Finding("BK605", ran.path, line, ran.tab, found, expected, remedy)
    for kind in config.runs.kinds(STYLE):
        if kind in warned and f"{ALLOWS}{kind}" not in ran.tags:
            found, expected = f"the cell is warned of a {kind}", "code without it"
            remedy = f"what the warning says, or `#@allow {kind}: reason` in the cell"
            line = ran.cell.line
            yield Finding("BK604", ran.path, line, ran.tab, found, expected, remedy)


def _of_entries(
    config: Config, sections: Sequence[Section], by_name: _ByName
) -> Iterator[Finding]:
    """Judge what `allow_errors` names: one section by itself, or several together."""
    selection = config.runs.allow_errors
    known = {str(section.path) for section in sections}
    for entry in selection.entries:
        if _is_idle(config, sections, entry, by_name):
            tab, _, name = entry.rpartition(":")
            found = f"`allow_errors` names {entry}, and nothing in it fails"
            expected = "an error in one of its cells, or no such entry"
            at = f"{CONFIG_NAME}:{selection.line}"
            if name in known:
                place, remedy = PurePosixPath(name), f"delete it in {at}"
                yield Finding("BK602", place, 1, tab or None, found, expected, remedy)
            else:
                place, line = PurePosixPath(CONFIG_NAME), selection.line
                remedy = "delete it, or name the sections that do fail"
                yield Finding("BK603", place, line, None, found, expected, remedy)


def _is_idle(
    config: Config, sections: Sequence[Section], entry: str, by_name: _ByName
) -> bool:
    """Tell whether all that an entry names has run, and nothing of it has failed."""
    named = [
        by_name.get((str(section.path), tab.name))
        for section in sections
        for tab in config.all_tabs
        if config.runs.allow_errors.entry_has(entry, section.path, tab.name)
        and runs_code(run_notebook_of(section, tab.name, config))
    ]
    ran = [one for one in named if one and one.status is not Status.NOT_RUN]
    passed = all(one is not None and not one.failed for one in named)
    return bool(ran) and passed and not any(one.errors for one in ran)
