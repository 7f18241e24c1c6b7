"""What a book expects of its cells, and a run that is other: findings of a run.

Errors that do not come, warnings that are allowed, in the table, on pages, in JUnit.
"""

import re
import xml.etree.ElementTree as xml

import pytest
from faulty_books import CONFIG, SITE_CONFIG, Book

from bookkit.book.findings import OF_A_RUN

WARN = "import warnings\nwarnings.warn('{}', {})"
FUTURE = WARN.format("soon", "FutureWarning")
CELLS = {
    "fails": "#@raises-exception\n1 / 0\n---\n'on'",
    "group": "#@raises-exception\nraise ExceptionGroup('all', [ValueError('a')])",
    "works": "1\n---\n# raises-exception\n2\n---\n#@allow BK602: no GPU\n"
    "#@raises-exception\n3",
    "named": "4",
    "several": "5",
    "mixed": "1 / 0",
    "warned": FUTURE,
    "allowed": f"#@allow FutureWarning: torch 3 says what to do\n{FUTURE}",
    "never": "#@allow FutureWarning: it was so once\n6",
}
SETTINGS = """\
[bookkit]
allow_errors = named.md, sev*.md, m*.md
deprecations = error, FutureWarning style
"""
DID_NOT = "This code was expected to fail, and it did not."
NONE_DID = "The code on this page was expected to fail, and none of it did."
SAID = """\
config.ini:17: BK603 (style) `allow_errors` names sev*.md, and nothing in it fails
  expected: an error in one of its cells, or no such entry
  next: delete it, or name the sections that do fail
named.md:1: BK602 `allow_errors` names named.md, and nothing in it fails
  expected: an error in one of its cells, or no such entry
  next: delete it in config.ini:17
never.md:7 [alpha]: BK605 (style) `#@allow FutureWarning`, but the cell is not warned so
  expected: a FutureWarning in its output
  next: delete the line
warned.md:6 [alpha]: BK604 (style) the cell is warned of a FutureWarning
  expected: code without it
  next: what the warning says, or `#@allow FutureWarning: reason` in the cell
works.md:12 [alpha]: BK602 the cell is declared to fail, and does not
  expected: an error of this cell, or no such mark
  next: delete the mark; `#@allow BK602: reason` if it depends on the machine
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, int, str]:
    folder = tmp_path_factory.mktemp("expected")
    book = Book(folder, CELLS, SITE_CONFIG.replace("[bookkit]\n", SETTINGS))
    return book, *book.bookkit("build")


def page(book: Book, name: str) -> str:
    text = (book.root / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")
    return re.sub(r"<[^>]+>", "", text)


def test_when_a_run_is_not_as_expected_then_each_difference_is_told(built):
    _, status, output = built
    assert status == 1
    assert SAID in output
    assert set(re.findall("BK60[2-9]", SAID)) == OF_A_RUN
    assert output.rstrip().endswith("error: 2 errors in what was run, told above")


def test_when_a_run_is_not_as_expected_then_the_table_says_where(built):
    rows = dict(re.findall(r"│ (\w+)\.md +│ +(.*?) +│", built[2]))
    assert {name: re.sub(r"\d\.\d s", "N s", row) for name, row in rows.items()} == {
        "fails": "passed N s, 1 error",
        "group": "passed N s, 1 error",
        "works": "passed N s, BK602 line 12",
        "named": "passed N s, BK602 line 1",
        "several": "passed N s",
        "mixed": "passed N s, 1 error",
        "warned": "passed N s, BK604 line 6",
        "allowed": "passed N s",
        "never": "passed N s, BK605 line 7",
    }


def test_when_code_does_not_fail_then_its_page_says_so(built):
    book, _, _ = built
    assert page(book, "works").count(DID_NOT) == 1
    before, _, after = page(book, "works").partition(DID_NOT)
    assert "2" in before and "3" in after
    assert page(book, "named").count(NONE_DID) == 1
    for name in ("fails", "group", "several", "mixed", "allowed"):
        assert "expected to fail" not in page(book, name)


def test_when_a_warning_is_allowed_then_its_page_shows_it_all_the_same(built):
    for name in ("warned", "allowed"):
        shown = page(built[0], name)
        assert "FutureWarning: soon" in shown and "torch 3" not in shown


def test_when_it_is_told_then_the_next_build_tells_it_without_a_run(built):
    book, _, _ = built
    status, output = book.bookkit("build")
    assert status == 1 and SAID in output
    assert "Notebooks run: 0 of 9; pages made: 0" in output


def test_when_one_section_runs_then_only_what_it_decides_is_judged(built):
    book, _, _ = built
    assert re.findall("BK60.", book.passes("run", "warned.md")) == ["BK604"] * 2
    assert re.findall("BK60.", book.passes("run", "several.md")) == ["BK603"]
    status, output = book.bookkit("run", "named.md", "mixed.md")
    assert status == 1 and re.findall("BK60.", output) == ["BK602"] * 2


def test_when_a_cell_does_not_fail_then_junit_has_a_failure(built):
    book, _, _ = built
    path = book.root / "junit.xml"
    assert book.bookkit("run", "--junit", str(path))[0] == 1
    failed = {
        case.get("classname"): failure.get("message")
        for case in xml.parse(path).getroot().iter("testcase")
        for failure in case.findall("failure")
    }
    assert failed == {
        "works.md[alpha]": "BK602 the cell is declared to fail, and does not",
        "named.md[alpha]": "BK602 `allow_errors` names named.md, and nothing in it "
        "fails",
    }


def test_when_levels_make_it_style_then_the_build_is_good(tmp_path):
    style = "[bookkit]\nlevels = BK602 style\n"
    book = Book(tmp_path, {"one": "#@raises-exception\n1"}, CONFIG)
    assert book.bookkit("run")[0] == 1
    book = Book(
        tmp_path / "style",
        {"one": "#@raises-exception\n1"},
        CONFIG.replace("[bookkit]\n", style),
    )
    assert "one.md:7 [alpha]: BK602 (style)" in book.passes("run")


#: Cells of a strict book, and the first line of what fails.
STRICT = {
    "the next cell is judged as before": (
        f"#@allow FutureWarning: soon\n{FUTURE}\n---\n{FUTURE}",
        "one.md:15 [alpha]: FutureWarning: soon",
    ),
    "of another kind": (
        f"#@allow FutureWarning: soon\n{WARN.format('old', 'DeprecationWarning')}",
        "one.md:9 [alpha]: DeprecationWarning: old",
    ),
    "in the cell before": (
        f"#@allow FutureWarning: soon\n1\n---\n{FUTURE}",
        "one.md:14 [alpha]: FutureWarning: soon",
    ),
    "without a reason": (
        f"#@allow FutureWarning\n{FUTURE}",
        "one.md:9 [alpha]: FutureWarning: soon",
    ),
}


@pytest.mark.parametrize("case", STRICT)
def test_when_one_cell_may_be_warned_then_no_other_may(tmp_path, case):
    code, said = STRICT[case]
    strict = CONFIG.replace("[bookkit]\n", "[bookkit]\ndeprecations = error\n")
    status, output = Book(tmp_path, {"one": code}, strict).bookkit("run")
    assert status == 1 and said in output, output
    assert "  or allow it in this cell, and say why: #@allow" in output


def test_when_a_cell_silences_warnings_then_an_allowance_leaves_them_silent(tmp_path):
    code = (
        "import warnings\nwarnings.filterwarnings('ignore', category=FutureWarning)\n"
        f"---\n#@allow FutureWarning: soon\n{FUTURE}\n---\n{FUTURE}"
    )
    strict = CONFIG.replace("[bookkit]\n", "[bookkit]\ndeprecations = error\n")
    output = Book(tmp_path, {"one": code}, strict).passes("run")
    assert "BK605 (style) `#@allow FutureWarning`" in output


def test_when_the_book_lets_a_kind_pass_then_that_notebook_alone_runs(tmp_path):
    strict = CONFIG.replace("[bookkit]\n", "[bookkit]\ndeprecations = error\n")
    book = Book(tmp_path, {"one": FUTURE}, strict)
    assert book.bookkit("run")[0] == 1
    config = book.root / "config.ini"
    config.write_text(
        config.read_text().replace("= error", "= error, FutureWarning show")
    )
    assert "setting deprecations" in book.passes("explain")
    assert "passed" in book.passes("run")


#: A module of the book, what a cell does with it, and what is told.
MODULES = {
    "fails at import": (
        "import math\n\nX = math.no_such\n",
        "import helper",
        "one.md:7 [alpha]: AttributeError: module 'math' has no attribute 'no_such'\n"
        "  cause: helper.py:3, a module of the book that the cell uses\n",
    ),
    "is no Python": (
        "X = (\n",
        "import helper",
        "one.md:7 [alpha]: SyntaxError: '(' was never closed (helper.py, line 1)\n"
        "  cause: helper.py:1, a module of the book that the cell uses\n",
    ),
    "imports what is not there": (
        "\nimport no_such_package\n",
        "import helper",
        "one.md:7 [alpha]: ModuleNotFoundError: No module named 'no_such_package'\n"
        "  cause: helper.py:2, a module of the book that the cell uses\n",
    ),
    "fails when it is called": (
        "def f():\n    return 1 / 0\n",
        "import helper\nhelper.f()",
        "one.md:8 [alpha]: ZeroDivisionError: division by zero\n"
        "  cause: helper.py:2, a module of the book that the cell uses\n",
    ),
}


@pytest.mark.parametrize("case", MODULES)
def test_when_a_module_of_the_book_fails_then_its_line_is_told(tmp_path, case):
    module, code, said = MODULES[case]
    book = Book(tmp_path, {"one": code})
    (book.root / "helper.py").write_text(module)
    status, output = book.bookkit("run")
    assert status == 1 and said in output, output
    assert "next: mend helper.py:" in output


def test_when_a_module_lacks_a_name_then_the_environment_is_not_to_blame(tmp_path):
    book = Book(tmp_path, {"one": "from helper import no_such"})
    (book.root / "helper.py").write_text("X = 1\n")
    status, output = book.bookkit("run")
    assert status == 1 and "cannot import name 'no_such'" in output
    assert "environment is damaged" not in output
