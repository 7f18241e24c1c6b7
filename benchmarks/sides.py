"""The three sides of the comparison: each builds its own copy of the same book."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pypandoc  # type: ignore[import-untyped]

from benchmarks.books import ROOT, Book, Scenario
from benchmarks.processes import run
from bookkit.book.config import Tab
from bookkit.kernels import kernelspecs
from bookkit.library.write import build_library

BIN = Path(sys.executable).parent


@dataclass
class Turn:
    """What one side did in one scenario of one round."""

    seconds: float
    notebooks: int
    """Executed in this turn."""
    pages: int | None = None
    """Whose content changed, of the sections and chapter pages."""
    stale: list[str] = field(default_factory=list)
    """Pages that should show the edit and do not."""


def _write_kernel(book: Book, tab: Tab, kernels: Path, name: str) -> None:
    """Write a kernelspec that spawns: ours without its provisioner."""
    spec = kernelspecs.kernelspec(book.config, tab)
    spec["metadata"] = {"debugger": True}
    folder = kernels / "kernels" / name
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))


def _forget(book: Book) -> None:
    shutil.rmtree(book.root / "_build", ignore_errors=True)
    for tab in book.config.all_tabs:
        if tab.library:
            tab.library.unlink(missing_ok=True)


def _changed(before: dict[str, str], after: dict[str, str]) -> int:
    return sum(before.get(name) != text for name, text in after.items())


def _stale(book: Book, scenario: Scenario, shown: str) -> list[str]:
    """Return the sections whose page is missing or does not show the edit."""
    found = []
    for position in scenario.shown_on:
        section = book.sections[position]
        text = re.sub(r"<[^>]+>", "", book.page(section).read_text("utf-8"))
        if shown not in text:
            found.append(section)
    return found


def _need_pages(book: Book) -> None:
    missing = [one for one in book.sections if not book.page(one).exists()]
    if missing:
        sys.exit(f"error: {book.root}: no page of {', '.join(missing)}")


class D2lbook:
    """`d2lbook build`, tab by tab, each with its kernel under the name python3."""

    name = "d2lbook"

    def __init__(self, book: Book, scratch: Path) -> None:
        self.book = book
        self._jupyter = scratch / "jupyter-d2lbook"
        for tab in book.config.tabs:
            _write_kernel(book, tab, self._jupyter / tab.name, "python3")

    def build(self, scenario: Scenario, shown: str) -> Turn:
        """Build everything; the library only when a saved function may differ."""
        if scenario.cold:
            _forget(self.book)
        before, executed = self.book.pages(), self._executed()
        seconds = 0.0
        if scenario.cold or scenario.saves:
            seconds += self._d2lbook("lib")
        for tab in self.book.config.tab_names:
            seconds += self._d2lbook("eval", "--tab", tab, kernels=tab)
        seconds += self._d2lbook("html", "--tab", "all")
        _need_pages(self.book)
        now = self._executed()
        ran = sum(executed.get(path) != stamp for path, stamp in now.items())
        pages = _changed(before, self.book.pages())
        return Turn(seconds, ran, pages, _stale(self.book, scenario, shown))

    def _d2lbook(self, *words: str, kernels: str = "") -> float:
        default = self.book.config.default_tab.name
        env = {"JUPYTER_PATH": str(self._jupyter / (kernels or default))}
        pandoc = os.path.dirname(pypandoc.get_pandoc_path())
        env["PATH"] = os.pathsep.join([str(BIN), pandoc, os.environ["PATH"]])
        command = [str(BIN / "d2lbook"), "build", *words]
        return run(command, self.book.root, env).seconds

    def _executed(self) -> dict[str, int]:
        """Return when each notebook was written; each must have been executed."""
        stamps = {}
        folder = self.book.root / "_build"
        names = [
            "eval" if tab is self.book.config.default_tab else f"eval_{tab.name}"
            for tab in self.book.config.tabs
        ]
        for name in names if folder.exists() else ():
            for section in self.book.sections:
                path = (folder / name / section).with_suffix(".ipynb")
                notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
                code = [c for c in notebook.cells if c.cell_type == "code"]
                if not code or not all(c.execution_count for c in code if c.source):
                    sys.exit(f"error: d2lbook did not execute {name}/{section}")
                stamps[f"{name}/{section}"] = path.stat().st_mtime_ns
        return stamps


class Nbclient:
    """Plain nbclient; it keeps nothing, so only a cold run says something."""

    name = "nbclient"

    def __init__(self, book: Book, scratch: Path) -> None:
        self.book = book
        self._jupyter = scratch / "jupyter-nbclient"
        for tab in book.config.tabs:
            _write_kernel(book, tab, self._jupyter, tab.name)

    def build(self, scenario: Scenario, shown: str) -> Turn | None:
        """Run all notebooks, where that is the scenario; write no page."""
        if not scenario.cold:
            return None
        build_library(self.book.config)
        env = {"JUPYTER_PATH": str(self._jupyter)}
        command = [sys.executable, "-m", "benchmarks.plain", str(self.book.root)]
        done = run(command, ROOT, env)
        count = len(self.book.sections) * len(self.book.config.tabs)
        return Turn(done.seconds, count)


class Ours:
    """`bookkit build`; what it did must be exactly what the edit asks for."""

    name = "bookkit"

    def __init__(self, book: Book, scratch: Path) -> None:
        self.book = book

    def build(self, scenario: Scenario, shown: str) -> Turn:
        """Build, then compare what was run and written with what should be."""
        if scenario.cold:
            _forget(self.book)
        before, last = self.book.pages(), last_report(self.book.root)
        done = run([sys.executable, "-m", "bookkit", "build"], self.book.root)
        _need_pages(self.book)
        ran = notebooks_run(self.book.root, last)
        pages = _changed(before, self.book.pages())
        turn = Turn(done.seconds, ran, pages, _stale(self.book, scenario, shown))
        expected = (scenario.notebooks, len(scenario.shown_on), list[str]())
        if scenario.cold:
            count = len(self.book.sections) * len(self.book.config.tabs)
            expected = (count, pages, [])
        if (turn.notebooks, turn.pages, turn.stale) != expected:
            sys.exit(f"error: bookkit, {scenario.name}: {turn}, expected {expected}")
        return turn


def last_report(root: Path) -> int:
    """Return when bookkit last wrote its report; 0 before the first time."""
    path = root / "_build" / "report.json"
    return path.stat().st_mtime_ns if path.exists() else 0


def notebooks_run(root: Path, last: int) -> int:
    """Count what a build ran; one that had nothing to do wrote no new report."""
    rows = read_report(root)
    return sum(not row["cached"] for row in rows) if last_report(root) > last else 0


def read_report(root: Path) -> list[dict[str, Any]]:
    """Return what the last run left; every notebook must have passed."""
    text = (root / "_build" / "report.json").read_text("utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    if not rows or any(row["status"] != "passed" for row in rows):
        sys.exit("error: bookkit's report has notebooks that did not pass")
    return rows
