"""A kept result is never older than the files of the book that its cells read."""

import json
from pathlib import Path

import pytest
from faulty_books import CONFIG, Book

SAVED = CONFIG + "[library-alpha]\nlib_file = small/alpha.py\n"
READS = {
    "imports": "import helper\nhelper.X",
    "imports in a function": "def f():\n    from helper import X\n    return X\nf()",
    "by a name made at run time": "__import__('hel' + 'per').X",
    "executes": "ns = {}\nexec(open('ROOT/helper.py').read(), ns)\nns['X']",
    "opens by pathlib": "import pathlib\npathlib.Path('ROOT/helper.py').read_text()",
    "opens in another folder": "import os\nos.chdir('ROOT')\nopen('helper.py').read()",
    "opens in a child": (
        "import os\nif not (pid := os.fork()):\n    open('ROOT/helper.py').read()\n"
        "    os._exit(0)\n---\nos.waitpid(pid, 0)[1]"
    ),
    "fails": "import helper\n1 / (helper.X - 1)",
    "hangs": "import helper\nimport time\ntime.sleep(60 if helper.X == 1 else 0)",
}


@pytest.fixture
def book(tmp_path: Path):
    def make(code: str, config: str = CONFIG) -> Book:
        root = tmp_path / "book"
        root.mkdir()
        (root / "helper.py").write_text("X = 1\n")
        return Book(root, {"one": code.replace("ROOT", str(root))}, config)

    return make


def run(book: Book, *options: str) -> str:
    process = book.start("run", *options)
    return process.communicate(timeout=60)[0]


def is_kept(book: Book, section: str = "one.md") -> bool:
    return ": kept, " in book.start("explain", section).communicate(timeout=60)[0]


@pytest.mark.parametrize("code", READS.values(), ids=READS)
def test_when_a_file_that_a_cell_reads_changes_then_it_runs_again(book, code):
    short = CONFIG.replace("cell_timeout_s = 30", "cell_timeout_s = 2")
    made = book(code, short)
    run(made)
    assert is_kept(made)
    (made.root / "helper.py").write_text("X = 2\n")
    told = made.start("explain", "one.md").communicate(timeout=60)[0]
    assert "would run" in told and "file helper.py" in told
    run(made)
    assert is_kept(made)


def test_when_a_file_is_not_read_then_it_changes_nothing(book):
    made = book("open('own.txt', 'w').write('1')\n---\nopen('own.txt').read()")
    run(made)
    (made.root / "helper.py").write_text("X = 2\n")
    assert is_kept(made)
    record = made.root / "_build" / "files-read.json"
    assert not record.exists() or json.loads(record.read_text()) == {}


def test_when_a_cell_writes_into_the_book_then_that_is_no_input(book):
    made = book("open('ROOT/log.txt', 'a').write('x')")
    run(made)
    assert is_kept(made)


def test_when_a_file_changes_during_the_run_then_the_result_is_not_kept(book):
    made = book(
        "import helper\nimport pathlib\n"
        "pathlib.Path(helper.__file__).write_text('X = 3\\n')"
    )
    run(made)
    assert not is_kept(made)


def test_when_a_module_uses_saved_code_then_a_change_of_it_counts(book):
    code = "import helper\nhelper.get()\n---\ndef one():  #@save\n    return 1"
    made = book(code, SAVED)
    helper = "def get():\n    from small import alpha\n    return alpha.one()\n"
    (made.root / "helper.py").write_text(helper)
    made.start("lib").communicate(timeout=60)
    run(made)
    assert is_kept(made)
    made.write("two", "def one():\n    return 3")
    made.write("one", code.replace("return 1", "return 2"))
    assert not is_kept(made)


@pytest.mark.parametrize(
    "use",
    [
        "from small import alpha as small\n%timeit -n1 -r1 small.one()",
        "%%time\nfrom small import alpha\nalpha.one()",
        "import importlib\nimportlib.import_module('small.alpha').one()",
        "import importlib\nimportlib.import_module('sma' + 'll.alpha').one()",
        "!python -c 'from small.alpha import one; print(one())'",
        "from small.alpha import *\none()",
        "import small.alpha\ngetattr(small.alpha, 'one')()",
    ],
)
def test_when_saved_code_is_reached_in_another_way_then_a_change_of_it_counts(
    book, use
):
    save = "def one():  #@save\n    return 1"
    made = book(save, SAVED)
    made.write("two", use)
    made.start("lib").communicate(timeout=60)
    run(made)
    assert is_kept(made, "two.md")
    made.write("one", save.replace("1", "2"))
    assert not is_kept(made, "two.md")


def test_when_ten_thousand_files_are_read_then_each_counts(book):
    made = book("import os\nsum(len(open(f'ROOT/d/{i}').read()) for i in range(10000))")
    (made.root / "d").mkdir()
    for number in range(10000):
        (made.root / "d" / str(number)).write_text("1")
    run(made)
    assert is_kept(made)
    (made.root / "d" / "9999").write_text("22")
    assert not is_kept(made)
