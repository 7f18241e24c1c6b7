"""What a cell finds around it, what it leaves, and what of that a result depends on."""

from pathlib import Path

import pytest
from faulty_books import CONFIG, Book

AROUND = CONFIG.replace(
    "notebooks = *.md", "notebooks = *.md */*.md\nresources = img table.csv"
)


@pytest.fixture
def book(tmp_path: Path):
    def make(code: str, config: str = AROUND, **more: str) -> Book:
        root = tmp_path / "书 $HOME"
        (root / "img").mkdir(parents=True)
        (root / "ch").mkdir()
        (root / "img" / "cat.txt").write_text("miau\n")
        (root / "table.csv").write_text("1,2\n")
        return Book(root, {"ch/one": code, **more}, config)

    return make


def is_kept(book: Book) -> bool:
    return ": kept, " in book.passes("explain", "ch/one.md")


@pytest.mark.parametrize(
    "code",
    [
        "open('../img/cat.txt').read()",
        "import glob\nopen(glob.glob('../i*/c*')[0]).read()",
        "!cat ../img/cat.txt",
        "import subprocess\nsubprocess.check_output(['cat', '../img/cat.txt'])",
        "%%bash\nsort <../img/cat.txt",
    ],
)
def test_when_a_resource_that_a_cell_reads_changes_then_it_runs_again(book, code):
    made = book(code)
    made.passes("run")
    assert is_kept(made)
    (made.root / "img" / "other.txt").write_text("nobody reads it")
    assert is_kept(made)
    (made.root / "img" / "cat.txt").write_text("woof\n")
    told = made.passes("explain", "ch/one.md")
    assert "would run" in told and "file img/cat.txt" in told
    made.passes("run")
    assert is_kept(made)


def test_when_a_resource_is_gone_then_the_cell_does_not_find_it(book):
    made = book("open('../table.csv').read()")
    made.passes("run")
    (made.root / "table.csv").unlink()
    status, output = made.bookkit("run")
    assert status == 1
    assert "No such file" in output


def test_when_a_cell_writes_then_the_book_stays_as_it_is(book):
    made = book(
        "import os\nos.path.exists('../img/new.txt') or open('../img/new.txt', 'w')\n"
        "try:\n    os.chmod('../img/cat.txt', 0o600)\nexcept OSError:\n    pass\n"
        "open('../img/cat.txt', 'w').write('overwritten')"
    )
    made.passes("run")
    assert sorted(path.name for path in (made.root / "img").iterdir()) == ["cat.txt"]
    assert (made.root / "img" / "cat.txt").read_text() == "miau\n"
    made.write("ch/one", "open('../img/cat.txt').read()")
    made.passes("run")
    copy = made.root / "_build" / "resources" / "img" / "cat.txt"
    assert copy.read_text() == "miau\n"


@pytest.mark.parametrize("given", ["", "downloads = ../elsewhere", "downloads = kept"])
def test_when_a_cell_downloads_then_that_lasts_for_all_and_is_no_input(book, given):
    fetch = (
        "import os\nos.makedirs('../data', exist_ok=True)\n"
        "there = os.path.exists('../data/set.bin')\n"
        "open('../data/set.bin', 'a').write('x')\n"
        "len(open('../data/set.bin').read())"
    )
    made = book(fetch, AROUND.replace("[bookkit]\n", f"[bookkit]\n{given}\n"))
    made.passes("run")
    assert is_kept(made)
    made.write("ch/one", f"assert not os.path.exists('../data')\n---\n{fetch}")
    status, _ = made.bookkit("run")
    assert status == 1
    made.write("ch/one", fetch.replace("there = ", "assert "))
    made.passes("run")


def test_when_one_name_leads_on_from_another_then_both_have_folders(book):
    write = (
        "import time\nopen('own', 'w').write('1')\ntime.sleep(1)\nopen('own').read()"
    )
    made = book(write, ch=write)
    made.passes("run", "--jobs", "2")


def test_when_a_dependency_changes_then_everything_runs_again(book):
    made = book("1", AROUND.replace("[bookkit]", "dependencies = tool.sh\n[bookkit]"))
    (made.root / "tool.sh").write_text("1")
    made.passes("run")
    assert is_kept(made)
    (made.root / "tool.sh").write_text("2")
    assert not is_kept(made)


def test_when_notebooks_are_written_then_what_their_cells_read_lies_there(book):
    made = book("open('../img/cat.txt').read()")
    (made.root / "img" / "big.bin").write_text("nobody reads it")
    made.passes("notebooks")
    folder = made.root / "_build" / "notebooks" / "alpha" / "img"
    assert [path.name for path in folder.iterdir()] == ["cat.txt"]
