"""Solutions: run after their section, shown under their exercises, marked."""

import nbformat
import pytest
from small_books import CONFIG, code, write_book

from bookkit.book.config import Config
from bookkit.book.solutions import exercises_of, run_notebook_of, solutions_of
from bookkit.book.source import Section, read_book
from bookkit.publish.course import write_course
from bookkit.publish.notebooks import write_notebooks

EXERCISES = """
## Exercises

1. **Write \u2605\u2606\u2606**: Add one. Not two.

"""
ONE = (
    "# One\n\n## 1\n\nText.\n"
    + EXERCISES
    + code("alpha", "stub = 1")
    + code("beta", "stub = 2")
    + "2. **Measure \u2605\u2605\u2606**: Measure it.\n3. No solution.\n"
)
SOLVED = (
    "# Solved\n\n## 1\n\nBecause.\n\n"
    + code("alpha", "right = 1")
    + code("beta", "right = 2")
    + "## 2\n\nIt takes long.\n\n**Marks**: one for the unit,\none for the number.\n"
)


@pytest.fixture
def book(tmp_path) -> Config:
    config = CONFIG + "[bookkit]\nsolutions = solved\n"
    toc = "# Small\n\n```toc\none\n```\n"
    files = {"index.md": toc, "one.md": ONE, "solved/one.md": SOLVED}
    return write_book(tmp_path, {"config.ini": config, **files})


@pytest.fixture
def section(book: Config) -> Section:
    return read_book(book)[1]


def ran(book: Config, section: Section, tab: str):
    notebook = run_notebook_of(section, tab, book)
    for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text=cell.source)]
    return notebook


def test_when_read_then_solutions_are_no_section_of_their_own(book, section):
    assert [str(one.path) for one in read_book(book)] == ["index.md", "one.md"]
    assert str(section.solution.path) == "solved/one.md"


def test_exercises_and_solutions_are_found_by_their_number(section):
    exercises, solutions = exercises_of(ONE), solutions_of(SOLVED)
    assert list(exercises) == ["1", "2", "3"] and list(solutions) == ["1", "2"]
    assert exercises["2"].startswith("2. **Measure") and "stub = 2" in exercises["1"]
    assert "right = 1" in solutions["1"] and "right" not in solutions["2"]


def test_when_run_then_solutions_come_after_the_section(book, section):
    for tab, number in ("alpha", 1), ("beta", 2):
        cells = [
            c
            for c in run_notebook_of(section, tab, book).cells
            if c.cell_type == "code"
        ]
        assert [c.source for c in cells] == [f"stub = {number}", f"right = {number}"]
        places = [section.located()[c.metadata["origin_pos"]] for c in cells]
        assert [str(path) for _, path, _ in places] == ["one.md", "solved/one.md"]
        assert [cell.source.split("\n")[-1] for _, _, cell in places] == [
            c.source for c in cells
        ]


def test_when_published_then_only_a_notebook_of_its_own_has_solutions(book, section):
    executed = {tab: {"one.md": ran(book, section, tab)} for tab in ("alpha", "beta")}
    write_notebooks(book, read_book(book), executed, book.output / "notebooks")
    folder = book.output / "notebooks" / "alpha"
    assert sorted(path.name for path in folder.glob("*.ipynb")) == [
        "one-solutions.ipynb",
        "one.ipynb",
    ]
    assert "right = 1" not in (folder / "one.ipynb").read_text("utf-8")
    both = (folder / "one-solutions.ipynb").read_text("utf-8")
    assert both.index("stub = 1") < both.index("right = 1")


def test_when_handed_out_then_there_are_points_a_rubric_and_no_solutions(book, section):
    executed = {tab: {"one.md": ran(book, section, tab)} for tab in ("alpha", "beta")}
    write_course(book, read_book(book), executed, book.output / "course")
    folder = book.output / "course"
    notebook = (folder / "beta" / "one.ipynb").read_text("utf-8")
    assert "**Write \u2605\u2606\u2606 (5 points)**: Add one." in notebook
    assert "right" not in notebook and not list(folder.rglob("*-solutions.ipynb"))
    assert (folder / "rubric.md").read_text("utf-8").split("\n") == [
        "# Rubric",
        "",
        "## One (15 points)",
        "",
        "1. **Write \u2605\u2606\u2606 (5 points)** Add one.",
        "   All points when the check says that it is right; else for what is right.",
        "2. **Measure \u2605\u2605\u2606 (10 points)** Measure it.",
        "   one for the unit, one for the number.",
        "",
        "Total: 15 points.",
        "",
    ]


def test_when_there_are_no_solutions_then_nothing_changes(tmp_path):
    files = {"index.md": "# Small\n\n```toc\none\n```\n", "one.md": ONE}
    book = write_book(tmp_path, files)
    assert read_book(book)[1].solution is None
