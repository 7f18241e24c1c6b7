"""The table of logical cells: what it counts, and where it is put."""

import pytest
from small_books import code, write_book

from bookkit import workflow
from bookkit.check import check_book, coverage
from bookkit.errors import UsageError

START, END = coverage.MARKS
TWO_AND_ONE = {
    "one.md": "# One\n\n"
    + code("alpha", "x = 1")
    + code("beta", "x = 2")
    + ":begin_tab:`beta`\nBeta has no such thing.\n:end_tab:\n\n"
    + code("alpha", "x + 1")
}


def test_when_a_gap_is_declared_then_it_is_counted_and_no_finding(tmp_path):
    book = write_book(tmp_path, TWO_AND_ONE)
    assert check_book(book) == []
    counts = {str(path): count for path, count in coverage.count(book)}
    assert counts["one.md"] == {"alpha": 2, "beta": 1}


def test_when_a_document_has_the_marks_then_only_what_is_between_changes(tmp_path):
    book = write_book(tmp_path, TWO_AND_ONE)
    document = tmp_path / "GUIDE.md"
    document.write_text(f"Before\n{START}\nstale\n{END}\nAfter\n", encoding="utf-8")
    workflow.coverage(book, document)
    table = "| section | alpha | beta |\n|---|--:|--:|\n| one.md | 2 | 1 |\n"
    wanted = f"Before\n{START}\n{table}{END}\nAfter\n"
    assert document.read_text(encoding="utf-8") == wanted


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "no such file"),
        ("no marks\n", "no place for the table"),
        (f"{START}\n", "no place for the table"),
        (f"{END}\n{START}\n", "no place for the table"),
    ],
)
def test_when_a_document_has_no_place_then_it_is_left_alone(tmp_path, text, found):
    book = write_book(tmp_path, TWO_AND_ONE)
    document = tmp_path / "GUIDE.md"
    if text is not None:
        document.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as told:
        workflow.coverage(book, document)
    assert str(told.value).startswith(f"{document}: {found}")
    assert START in str(told.value)
    assert document.exists() == (text is not None)
    if text is not None:
        assert document.read_text(encoding="utf-8") == text
