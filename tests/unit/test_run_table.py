"""The table that a run ends with."""

import io

from rich.console import Console
from small_books import write_book

from bookkit.book.source import read_book
from bookkit.run.report import run_table
from bookkit.run.results import CellResult, Result, Status


def result(tab: str, seconds: float, cached: bool = False) -> Result:
    cells = [CellResult(1, [], seconds / 4), CellResult(2, [], seconds * 3 / 4)]
    return Result("one.md", tab, Status.PASSED, cells, seconds, cached=cached)


def test_when_a_notebook_takes_long_then_the_table_marks_it_and_its_cell(tmp_path):
    book = write_book(tmp_path, {"one.md": "# One\n"})
    results = [result("alpha", 9.5), result("beta", 12.0, cached=True)]
    screen = Console(file=io.StringIO(), width=100)
    screen.print(run_table(book, read_book(book), results))
    assert isinstance(screen.file, io.StringIO)
    rows = screen.file.getvalue().splitlines()
    (own,) = (row for row in rows if "one.md" in row)
    assert own.split("│")[2].strip() == "passed 9.5 s"
    assert own.split("│")[3].strip() == "slow! kept 12.0 s"
    (slowest,) = (row for row in rows if "slowest cell" in row)
    assert "7.12 s" in slowest and "9.00 s" in slowest
