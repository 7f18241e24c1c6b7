"""What an author allows in one place: which findings it is for, and which it is not."""

import json
from pathlib import Path

import pytest
from small_books import CONFIG, code, write_book

from bookkit import workflow
from bookkit.book.source import notebook_of, read_book
from bookkit.check import check_book
from bookkit.errors import ConfigError, SourceError

HEAD = "# One\n:label:`sec_one`\n\n"
WIDE = "x = 1  # " + "w" * 90
ONE, BETA = code("alpha", "1"), code("beta", "2")


def found(root: Path, text: str) -> list[tuple[str, int]]:
    files: dict[str, str | bytes] = {"one.md": HEAD + text, "small.svg": "<svg/>"}
    return [(one.code, one.line) for one in check_book(write_book(root, files))]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (code("alpha", "#@allow BK403: a table", WIDE) + BETA, []),
        (code("alpha", "#@allow BK403：中文的冒号", WIDE, WIDE) + BETA, []),
        (code("alpha", "#  @allow BK403: blanks", WIDE) + BETA, []),
        # for one cell alone, and for one rule alone
        (
            code("alpha", "#@allow BK403: a table", WIDE) + BETA + code("all", WIDE),
            [("BK403", 17)],
        ),
        (
            code("alpha", "#@allow BK403: a table", WIDE, "x =\t1") + BETA,
            [("BK402", 8)],
        ),
        # a reason may be as long as it has to be, and no line of the cell
        (code("alpha", f"#@allow BK403: {'long ' * 20}", WIDE) + BETA, []),
        (
            code("alpha", "#@allow BK404: one table", *["x = 1"] * 26) + BETA,
            [],
        ),
        # in the text: its line, and those below it up to an empty one
        ("<!-- #@allow BK305: an ornament -->\n![](small.svg)\n", []),
        ("<!-- @allow BK305: an ornament -->\n\n![](small.svg)\n", []),
        (
            "<!-- #@allow BK305: one -->\n![](small.svg)\n\n![](small.svg)\n",
            [("BK305", 7)],
        ),
        ("Text <!-- #@allow BK302: later -->\nsee :numref:`gone`.\n", []),
        ("<!-- #@allow BK302: later,\nnot now -->\nSee :numref:`gone`.\n", []),
        (ONE + BETA + "<!-- #@allow BK201: beta cannot -->\n" + ONE, []),
        (ONE + BETA + "<!-- #@allow BK201: below -->\n", [("BK121", 14)]),
        ("<!-- #@allow BK203: no rule finds it -->\n", [("BK121", 4)]),
        # examples
        ("`<!-- #@allow BK302: an example -->`\n", []),
        ("```\n<!-- #@allow BK302: an example -->\n```\n", []),
        ("```python\n#@allow BK403: an example\n```\n", []),
    ],
)
def test_when_a_place_allows_a_rule_then_it_is_for_that_place(tmp_path, text, left):
    assert found(tmp_path, text) == left


def test_when_a_rule_is_off_then_its_allowance_is_none_too_many(tmp_path):
    config = f"{CONFIG}[bookkit]\nlevels = BK403 off"
    text = HEAD + code("alpha", "#@allow BK403: a table", WIDE) + BETA
    assert check_book(write_book(tmp_path, {"one.md": text}, config)) == []


def test_when_saved_code_is_allowed_then_the_library_is_written(tmp_path):
    text = HEAD + code("all", "import math") + code("alpha, beta", "print(1)  #@save")
    book = write_book(tmp_path, {"one.md": text})
    with pytest.raises(SourceError, match="BK503"):
        workflow.lib(book)
    allowed = text.replace("print", "#@allow BK503: shown, not saved\nprint")
    workflow.lib(write_book(tmp_path, {"one.md": allowed}))


def test_when_a_cell_allows_something_then_no_notebook_shows_the_line(tmp_path):
    text = HEAD + code("alpha", "#@allow FutureWarning: soon", "#@allow BK403: x", "1")
    book = write_book(tmp_path, {"one.md": text})
    notebook = notebook_of(read_book(book)[1], "alpha", book)
    assert notebook is not None
    (cell,) = (one for one in notebook.cells if one.cell_type == "code")
    assert cell.source == "1"
    assert cell.metadata["tags"] == ["allows-FutureWarning"]
    assert "@allow" not in json.dumps(notebook)


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        ("show", "show show show"),
        ("error", "error error error"),
        ("error, FutureWarning show", "error error show"),
        ("style, DeprecationWarning error", "error style style"),
        ("PendingDeprecationWarning error", "show error show"),
    ],
)
def test_when_config_says_what_a_warning_is_then_it_is_so(tmp_path, value, levels):
    config = f"{CONFIG}[bookkit]\ndeprecations = {value}"
    book = write_book(tmp_path, {"one.md": HEAD}, config)
    assert " ".join(book.runs.warnings.values()) == levels


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("errors", "`errors`\n  expected: perhaps `error`; "),
        (
            "FutureWarnin show",
            "`FutureWarnin show`\n  expected: perhaps `FutureWarning`; ",
        ),
        ("UserWarning error", "`UserWarning error`\n  expected: "),
    ],
)
def test_when_config_names_no_warning_or_level_then_it_is_said(tmp_path, value, said):
    config = f"{CONFIG}[bookkit]\ndeprecations = {value}"
    with pytest.raises(ConfigError) as caught:
        write_book(tmp_path, {"one.md": HEAD}, config)
    assert said in str(caught.value)
