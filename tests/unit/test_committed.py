"""Committed results where no kernel is needed to see what becomes of them."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from small_books import CONFIG, code, write_book

from bookkit.book.config import Config
from bookkit.book.source import read_book
from bookkit.run import execute
from bookkit.run import plan as planning
from bookkit.run.cache import Parts
from bookkit.run.cluster.announce import announced
from bookkit.run.committed import describe, renew
from bookkit.run.committed.file import file_name, read
from bookkit.run.options import Options
from bookkit.run.plan import Job
from bookkit.run.report import run_table
from bookkit.run.results import CellResult, Result, Status
from bookkit.serve.sources import Sources

KEPT = CONFIG + "[bookkit-beta]\ntitle = Beta\nkept = kept/beta\n"
TEXT = "# One\n\n" + code("alpha, beta", "#@data a.csv", "1") + code("beta", "print(2)")
REASON = "needs Python 3.11"


@pytest.fixture
def book(tmp_path: Path) -> Config:
    return write_book(tmp_path, {"one.md": TEXT, "a.csv": "1"}, KEPT)


def plan(book: Config) -> list[Job]:
    return planning.plan(book, read_book(book), installed=False)


def outcome(job: Job, date: str = "2026-11-29", version: str = "1.9.1") -> Result:
    """Return what a run leaves."""
    code = [cell for cell in job.notebook.cells if cell.cell_type == "code"]
    cells = [
        CellResult(
            number, [{"output_type": "stream", "name": "stdout", "text": "2\n"}], 1
        )
        for number, _ in enumerate(code, 1)
    ]
    versions = {"lib": version, "python": "3.11.7"}
    passed = Status.PASSED
    return Result(*job.name, passed, cells, 1.26, versions, date=date, peak_mb=5.0)


def run(book: Config, **changed: str) -> list[str]:
    jobs = plan(book)
    return renew(book, jobs, [outcome(job, **changed) for job in jobs])


def lose(book: Config) -> None:
    """Make the environment of `beta` one that this machine cannot have."""
    book.environments.mkdir(exist_ok=True)
    (book.environments / "beta.unavailable").write_text(f"{REASON}\n")


@pytest.mark.parametrize(
    ("part", "value", "same"),
    [
        ("python", "3.14.0", True),
        ("packages", {"lib": "2"}, True),
        ("device", "NVIDIA H200", True),
        ("cells", ("1",), False),
        ("saved", {"f": "1"}, False),
        ("data", {"a.csv": "1"}, False),
        ("variables", {"A": "1"}, False),
        ("tab", "alpha", False),
        ("format", 99, False),
    ],
)
def test_when_a_part_changes_then_only_text_changes_the_name(book, part, value, same):
    parts = plan(book)[1].parts
    changed = replace(parts, **{part: value})
    assert (file_name(changed) == file_name(parts)) is same


def test_when_the_tool_changes_then_the_names_of_files_do_not():
    """Machines that cannot run a tab would find nothing."""
    saved = {"g": "cd" * 32, "f": "ef" * 32}
    parts = Parts("mxnet", ("ab" * 32,), saved, {"lib": "1"}, "3.11.7", format=2)
    assert file_name(parts) == "82687ae4dc415800.json"


def test_when_a_section_is_renamed_then_its_file_says_so(book):
    run(book)
    (book.root / "one.md").rename(book.root / "other.md")
    assert run(book) == ["Results to commit: kept/beta, 1 written, 0 deleted"]
    (path,) = book.root.glob("kept/*/*.json")
    assert read(path).result.section == "other.md"


def test_when_results_are_of_several_days_then_both_ends_are_told(book):
    lose(book)
    job = plan(book)[1]
    results = [
        replace(outcome(job, date), committed=True)
        for date in ("2026-11-30", "2026-11-28", "2026-11-29")
    ]
    assert describe(book, results) == [
        f"beta: not run on this machine: {REASON}. 3 results of "
        "2026-11-28 to 2026-11-30 (Beta 1.9.1) taken from kept/beta"
    ]
    screen = Console(file=io.StringIO(), width=100)
    screen.print(run_table(book, read_book(book), results[:1]))
    assert isinstance(screen.file, io.StringIO)
    rows = [row.split("│") for row in screen.file.getvalue().splitlines()]
    cells = {row[1].strip(): row[3].strip() for row in rows if len(row) > 3}
    assert cells["one.md"] == "committed"
    assert cells["slowest cell"] == "-"


def test_when_a_tab_cannot_run_then_its_results_are_sources_to_be_watched(book):
    run(book)
    (path,) = book.root.glob("kept/*/*.json")
    name = path.relative_to(book.root).as_posix()
    assert name not in Sources(book).snapshot()
    lose(book)
    assert name in Sources(book).snapshot()


def test_when_a_tab_cannot_run_then_nothing_is_imported_ahead(book, monkeypatch):
    started: list[str] = []

    def start(kernel: str, prefork: bool) -> None:
        started.append(kernel)

    monkeypatch.setattr(execute, "start_server", start)
    lose(book)
    execute.Run(book, plan(book), Options())
    assert started == ["small-alpha"]


def test_when_a_tab_cannot_run_then_a_worker_says_why(book):
    lose(book)
    _, missing = announced(book, slots=1)
    assert f"beta: not on this machine ({REASON})" in missing
