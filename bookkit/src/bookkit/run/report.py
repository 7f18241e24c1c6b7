"""Results and failures for a person: tables, the story of a failure."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from rich.console import Console
from rich.table import Table

from bookkit.book.commands import to_run
from bookkit.book.config import Config, Tab
from bookkit.book.findings import ERROR, WARNINGS, Finding
from bookkit.book.inputs import is_inside
from bookkit.book.marks import is_mark
from bookkit.book.source import Cell, Section
from bookkit.errors import where
from bookkit.run.results import FORMAT, Result, Status

#: As IPython words it; as Python does, whose words groups of exceptions have.
_CELL_ROW = re.compile(r"(?:Cell In\[\d+\]|File \"<cell \d+>\"), line (\d+)")
_FILE_ROW = re.compile(r"^[ |]*File \"?(.+?\.py)(?::|\", line )(\d+)", re.M)
#: Outputs name files of the book from its root (`neutral`).
_FROM = re.compile(r"\((.+?\.py)\)")
_NOT_IMPORTED = re.compile(r"ModuleNotFoundError|ImportError")
#: Of a long cell, this many lines at each end are shown.
SHOWN_LINES = 5
#: A log has no width; tables in it get this one.
PLAIN_WIDTH = 120


def console(stderr: bool = False) -> Console:
    """Return a console that writes plain lines where there is no terminal."""
    plain = not sys.stdout.isatty()
    width = PLAIN_WIDTH if plain else None
    return Console(highlight=False, soft_wrap=plain, width=width, stderr=stderr)


def run_table(
    config: Config,
    sections: Sequence[Section],
    results: Sequence[Result],
    findings: Sequence[Finding] = (),
) -> Table:
    """Return the table of a run: section by tab, status and seconds.

    `kept` is a notebook that passed before and need not run again, `committed` one
    that passed on another machine, on that day, and cannot run here. One that takes
    longer than the book allows a reader to wait is marked `slow!`. `line 12` is where
    a notebook failed, `2 errors` are those that are allowed, `BK602 line 9` is one of
    the `findings` in it.
    """
    by_path = {str(section.path): section for section in sections}
    table = Table(title="Notebooks", title_justify="left")
    table.add_column("section", no_wrap=True)
    by_name = {(result.section, result.tab): result for result in results}
    for tab in config.tabs:
        table.add_column(tab.title, justify="right")
    for section in dict.fromkeys(result.section for result in results):
        row = [section]
        for tab in config.tabs:
            found = by_name.get((section, tab.name))
            word = _word(by_path[section], found, config.slow_notebook_s)
            row.append(", ".join([word, *_found_in(by_path[section], tab, findings)]))
        table.add_row(*row)
    slowest = [_slowest(results, tab.name) for tab in config.tabs]
    table.add_section()
    table.add_row("slowest cell", *slowest)
    table.add_row("peak memory", *[_peak(results, tab.name) for tab in config.tabs])
    return table


def _word(section: Section, result: Result | None, slow_s: float) -> str:
    if result is None:
        return "-"
    if result.failed:
        path, line, _ = _place_of(section, result)
        at = f", line {line}" if path == section.path else f", {path}:{line}"
        at = "" if line is None else at
        return f"[red]{result.status.value}{at}[/red]"
    if result.status is Status.NOT_RUN:
        return str(result.status.value)
    if result.committed:
        return "committed"
    word = "kept" if result.cached else "passed"
    if result.seconds > slow_s:
        word = f"[yellow]slow![/yellow] {word}"
    word = f"{word} {result.seconds:.1f} s"
    if result.errors:
        word += ", 1 error" if result.errors == 1 else f", {result.errors} errors"
    return word


def _found_in(section: Section, tab: Tab, findings: Sequence[Finding]) -> Iterator[str]:
    files = {one.path for one in (section, section.solution) if one}
    for one in findings:
        if one.path in files and one.tab in (None, tab.name):
            at = "" if one.path == section.path else f"{one.path}:"
            colour = "red" if one.level == ERROR else "yellow"
            yield f"[{colour}]{one.code} line {at}{one.line}[/{colour}]"


def _peak(results: Sequence[Result], tab: str) -> str:
    peaks = [r.peak_mb for r in results if r.tab == tab and r.peak_mb is not None]
    return f"{max(peaks):.0f} MB" if peaks else "-"


def _slowest(results: Sequence[Result], tab: str) -> str:
    own = [r for r in results if r.tab == tab and not r.committed]
    seconds = [cell.seconds for result in own for cell in result.cells]
    return f"{max(seconds):.2f} s" if seconds else "-"


def failure_text(config: Config, section: Section, result: Result) -> str:
    """Tell a failure: place, cell, streams, traceback, and how to run it again.

    A module of the book that it comes from is where it is to be mended.
    """
    book = config.output
    failure = result.failure
    if failure is None:
        return ""
    if result.status is Status.NOT_COMMITTED:
        return failure.reason
    path, line, source = _place_of(section, result)
    parts = [f"{where(path, line, result.tab)}: {failure.reason}"]
    module = _module_of(config.root, failure.traceback)
    if module:
        parts.append(f"  cause: {module}, a module of the book that the cell uses")
    if source:
        parts.append(_indented("cell", _ends(source)))
    if failure.streams:
        parts.append(_indented("printed", _ends(failure.streams.rstrip())))
    if failure.traceback:
        parts.append(_indented("traceback", failure.traceback))
    if result.cached:
        parts.append("  (kept from the last run: nothing it depends on has changed)")
    elif failure.outside:
        parts.append(
            "  (not kept: the book is not the cause, so it runs again next time)"
        )
    kind = failure.reason.partition(":")[0]
    if kind in WARNINGS:
        parts.append(f"  or allow it in this cell, and say why: #@allow {kind}: reason")
    alone = to_run(book, "run", result.tab, section=str(section.path), again=True)
    parts.append(f"  next: mend {module or 'the cell'}, or run it alone again: {alone}")
    lacks = _NOT_IMPORTED.match(failure.reason) and not any(
        _is_of_the_book(config.root, one) for one in _FROM.findall(failure.reason)
    )
    if result.status is Status.NOT_STARTED or lacks:
        anew = to_run(book, "environments", result.tab, again=True)
        parts.append(f"  or, where its environment is damaged: {anew}")
    return "\n".join(parts)


def _is_of_the_book(root: Path, file: str) -> bool:
    """Tell whether a file that an output names is one of the book."""
    return is_inside(root, file) and (root / file).is_file()


def _module_of(root: Path, traceback: str) -> str:
    """Return file and line of the last module of the book in a traceback; or ""."""
    found = ""
    for file, line in _FILE_ROW.findall(traceback):
        if _is_of_the_book(root, file):
            found = where(PurePosixPath(file), int(line))
    return found


def _place_of(
    section: Section, result: Result
) -> tuple[PurePosixPath, int | None, str]:
    """Return file and line at which a run failed, and the cell's source."""
    failure = result.failure
    if failure is None or failure.position is None:
        return section.path, None, ""
    located = section.located()
    if failure.position >= len(located):  # a kept result says so
        return section.path, None, ""
    _, path, cell = located[failure.position]
    # IPython prints what it has no traceback for
    row = _failing_row(failure.traceback or failure.streams)
    return path, _file_line(cell, row), cell.source


def _failing_row(traceback: str) -> int:
    """Return the row of the failing cell that the traceback leaves it at, from 1."""
    rows = _CELL_ROW.findall(traceback)
    # Deeper frames may lie in cells that ran before; the first is the caller's.
    return int(rows[0]) if rows else 1


def _file_line(cell: Cell, row: int) -> int:
    """Turn a row of the notebook's cell into a line of the file."""
    kept = [
        line
        for line, text in enumerate(cell.source.split("\n"), start=cell.line)
        if not is_mark(text)
    ]
    return kept[min(row, len(kept)) - 1] if kept else cell.line


def _ends(text: str) -> str:
    lines = text.split("\n")
    if len(lines) <= 2 * SHOWN_LINES + 1:
        return text
    left = len(lines) - 2 * SHOWN_LINES
    middle = [f"… {left} more lines …"]
    return "\n".join(lines[:SHOWN_LINES] + middle + lines[-SHOWN_LINES:])


def _indented(name: str, text: str) -> str:
    body = "\n".join(f"    {line}" for line in text.split("\n"))
    return f"  {name}:\n{body}"


def as_json(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return what a run did, without outputs, ready for JSON."""
    rows = []
    for result in results:
        content = {"format": FORMAT, **result.to_json()}
        content["cells"] = [cell["seconds"] for cell in content["cells"]]
        content |= {"cached": result.cached, "committed": result.committed}
        rows.append(content)
    return rows
