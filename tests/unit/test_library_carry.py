"""Saved code inside a notebook: it runs without the module, and as with it."""

import subprocess
import sys
from pathlib import Path

import pytest
from small_books import code, write_book

from bookkit.book.source import read_book
from bookkit.library.carry import Carried, Clash, carry, clashes
from bookkit.library.records import Library
from bookkit.library.saved import extract

SAVED = (
    "K = 2  #@save",
    "def low(x):  #@save\n    return math.floor(x) * K",
    "def high(x):  #@save\n    return low(x) + small.low(x)",
    "class Box:  #@save\n    size = K",
    "def other():  #@save\n    return textwrap.dedent(' 3')",
)
IMPORT = "from small import alpha as small"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    text = "# One\n\n" + code("alpha", "import math", "import textwrap", IMPORT)
    text += "".join(code("alpha", cell) for cell in SAVED)
    book = write_book(tmp_path, {"one.md": text})
    return extract(book, read_book(book), book.tab("alpha"))


def run(carried: Carried) -> dict[str, object]:
    """Run all cells as a notebook does; the module is nowhere to be found."""
    names: dict[str, object] = {"__name__": "__main__"}
    for at, cell in enumerate(carried.cells):
        exec(cell, names)
        if at == carried.place:
            exec(carried.code, names)
    return names


@pytest.mark.parametrize(
    ("imports", "use", "value"),
    [
        (IMPORT, "small.high(2.5)", 8),
        ("from small import alpha", "alpha.high(2.5)", 8),
        ("import small.alpha", "small.alpha.low(1)", 2),
        ("import small.alpha as s", "s.Box().size", 2),
        ("from small.alpha import low as l, K", "l(K)", 4),
        ("from small.alpha import *", "high(1) + K", 6),
        (IMPORT, "getattr(small, 'other')()", "3"),
        (f"import os\n{IMPORT}\n\nx = os.sep", "small.K", 2),
        ("import os, small.alpha", "small.alpha.K, os.sep", (2, "/")),
    ],
)
def test_when_carried_then_a_cell_gives_the_same(library, imports, use, value):
    carried = carry(library, [imports, f"value = {use}"])
    assert carried is not None
    assert run(carried)["value"] == value


def test_when_carried_then_only_what_is_reached_comes_as_it_was_written(library):
    carried = carry(library, [f"import os\n\n{IMPORT}\n\nx = 1", "small.low(2)"])
    assert carried == Carried(
        ["import os\n\nx = 1", "small.low(2)"],
        0,
        "import math\nimport types\n\n"
        "K = 2\n\n\n"
        "def low(x):\n    return math.floor(x) * K\n\n\n"
        "small = types.SimpleNamespace(K=K, low=low)",
        [IMPORT],
    )


def test_when_nothing_is_imported_then_nothing_is_carried(library):
    assert carry(library, ["import math", "small = 1"]) is None


def test_when_there_are_many_names_then_each_has_a_line(library):
    star = carry(library, ["import small.alpha as a_name_that_is_long", "getattr(a)"])
    assert star is not None and "SimpleNamespace()" in star.code
    every = carry(library, ["import small.alpha as long_name", "dir(long_name)"])
    assert every is not None
    lines = every.code.split("\n")
    assert all(len(line) <= 79 for line in lines)
    assert "long_name = types.SimpleNamespace(" in lines and "    low=low," in lines


@pytest.mark.parametrize(
    ("cells", "name", "cell"),
    [
        (["low = 1"], "low", 1),
        (["K = small.low(1)"], "K", 1),
        (["if True:\n    import cmath as math"], "math", 1),
        (["def low(x):\n    return x"], "low", 1),
        (["for K in range(3):\n    pass"], "K", 1),
        (["types = 1"], "types", 1),
        (["high = small.high(1)"], None, 0),  # nothing that is carried reads it
        (["def f(low, K=1):\n    math = low"], None, 0),
        (["import math", SAVED[1]], None, 0),
        (["import math, string"], None, 0),  # what nothing reads stands beside
        (["Box = 1", "textwrap = 2"], None, 0),  # not carried
        (["x = [low for low in range(3)]"], None, 0),  # a scope of its own
    ],
)
def test_when_a_cell_takes_a_name_that_is_read_then_it_is_found(
    library, cells, name, cell
):
    found = list(clashes(library, [IMPORT, *cells, "small.high(1)"]))
    assert [(one.cell, one.found.split("`")[1]) for one in found] == (
        [(cell, name)] if name else []
    )


def test_when_a_name_of_above_is_defined_anew_then_it_is_found(library):
    use = [f"from os import sep as high\n{IMPORT}", "small.high(1)"]
    found = "`high` is not what `high` of `small.alpha` means"
    expected = "another name: a reader's notebook has that code inside"
    assert list(clashes(library, use)) == [Clash(0, 1, found, expected)]


def test_when_a_cell_imports_the_same_in_other_words_then_it_is_no_clash(tmp_path):
    text = "# One\n\n" + code("alpha", "from os import path", IMPORT)
    text += code("alpha", "def up(x):  #@save\n    return path.dirname(x)")
    book = write_book(tmp_path, {"one.md": text})
    known = extract(book, read_book(book), book.tab("alpha"))
    for cell, names in (
        ("import os.path as path", []),
        ("import posixpath as path", ["path"]),
    ):
        found = clashes(known, [IMPORT, cell, "small.up('a')"])
        assert [one.found.split("`")[1] for one in found] == names


def test_when_a_definition_needs_the_module_then_carried_code_names_it(tmp_path):
    text = "# One\n\n" + code("alpha", IMPORT)
    text += code("alpha", "class A:  #@save\n    x = 1")
    text += code("alpha", "class B(small.A):  #@save\n    y = 2")
    book = write_book(tmp_path, {"one.md": text})
    known = extract(book, read_book(book), book.tab("alpha"))
    carried = carry(known, [IMPORT, "assert small.B().x + small.B().y == 3"])
    assert carried is not None
    program = "\n".join([carried.code, *carried.cells])
    subprocess.run([sys.executable, "-c", program], check=True)
