"""What results say of what is expected of code: in tabs, of kinds of warning."""

from pathlib import Path
from typing import Any

import pytest
from small_books import CONFIG, code, write_book

from bookkit.book.source import read_book
from bookkit.run.expected import findings_of, notes_of
from bookkit.run.results import CellResult, Failure, Result, Status

ERROR = {"output_type": "error", "ename": "E", "evalue": "e", "traceback": []}
NAMED = "allow_errors = one.md"


def stderr(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stderr", "text": text}


def result(tab: str, *outputs: Any, status: Status = Status.PASSED) -> Result:
    failure = Failure("timed out", 1) if status is Status.TIMED_OUT else None
    cells = [CellResult(1, list(outputs), 0.1)]
    return Result("one.md", tab, status, cells, failure=failure)


def found(root: Path, settings: str, cell: str, *results: Result) -> list[str]:
    """Return code and place of what is found in a section of one cell a tab."""
    text = "# One\n\n" + code("alpha", cell) + code("beta", cell)
    config = f"{CONFIG}[bookkit]\n{settings}\n"
    book = write_book(root, {"one.md": text}, config)
    findings = findings_of(book, read_book(book), results)
    return [str(one).split(" the ")[0].split(" `")[0] for one in findings]


BOTH = (result("alpha"), result("beta"))
#: Settings, results, and what is found.
ENTRIES = [
    (NAMED, BOTH, ["one.md:1: BK602"]),
    (NAMED, (result("alpha", ERROR), result("beta")), []),
    # not all that it names has run, or to its end
    (NAMED, (result("alpha"),), []),
    (NAMED, (result("alpha"), result("beta", status=Status.TIMED_OUT)), []),
    (
        NAMED,
        (result("alpha"), result("beta", status=Status.NOT_RUN)),
        ["one.md:1: BK602"],
    ),
    # of one tab alone
    ("allow_errors = beta:one.md", (result("beta"),), ["one.md:1 [beta]: BK602"]),
    ("allow_errors = beta:one.md", (result("alpha"), result("beta", ERROR)), []),
    # of several together
    ("allow_errors = beta:*", (result("beta"),), ["config.ini:14: BK603 (style)"]),
    ("allow_errors = beta:*", (result("beta", ERROR),), []),
    ("allow_errors = beta:*\nlevels = BK603 off", (result("beta"),), []),
]


@pytest.mark.parametrize(("settings", "results", "wanted"), ENTRIES)
def test_when_an_entry_names_code_then_it_is_judged_as_a_whole(
    tmp_path, settings, results, wanted
):
    assert found(tmp_path, settings, "1", *results) == wanted


#: What a cell says on stderr, the kind that it allows, and what is found in alpha.
WARNED = [
    ("<cell 1>:2: FutureWarning: soon\n", "FutureWarning", []),
    ("", "FutureWarning", ["one.md:5 [alpha]: BK605 (style)"]),
    # a library's own, of a library
    ("<cell 1>:2: MatplotlibDeprecationWarning: soon\n", "DeprecationWarning", []),
    (
        "/site-packages/torch/x.py:2: FutureWarning: soon\n",
        "FutureWarning",
        ["one.md:5 [alpha]: BK605 (style)"],
    ),
    # one is the end of another's name
    (
        "<cell 1>:2: PendingDeprecationWarning: soon\n",
        "DeprecationWarning",
        ["one.md:5 [alpha]: BK605 (style)"],
    ),
]


@pytest.mark.parametrize(("said", "kind", "wanted"), WARNED)
def test_when_a_cell_allows_a_warning_then_it_has_to_come(tmp_path, said, kind, wanted):
    cell = f"#@allow {kind}: soon\n1"
    assert found(tmp_path, "", cell, result("alpha", stderr(said))) == wanted


def test_when_warnings_are_style_then_each_cell_is_found_once(tmp_path):
    said = stderr("<cell 1>:2: FutureWarning: a\n<cell 1>:3: FutureWarning: b\n")
    wanted = ["one.md:4 [alpha]: BK604 (style)"]
    kinds = "deprecations = style, DeprecationWarning error"
    assert found(tmp_path, kinds, "1", result("alpha", said)) == wanted
    assert found(tmp_path, "deprecations = show", "1", result("alpha", said)) == []


def test_when_it_is_off_then_pages_say_nothing_either(tmp_path):
    text = "# One\n\n" + code("alpha", "#@raises-exception", "1") + code("beta", "1")
    for levels, notes in (("BK602 style", {1: "run_did_not_fail"}), ("BK602 off", {})):
        config = f"{CONFIG}[bookkit]\nlevels = {levels}\n"
        book = write_book(tmp_path, {"one.md": text}, config)
        (section,) = (one for one in read_book(book) if one.path.name == "one.md")
        assert notes_of(book, section, [result("alpha")], "alpha") == notes
