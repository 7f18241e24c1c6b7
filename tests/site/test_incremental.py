"""Only what changed is made again, and by content: a small book, real kernels."""

import os
import time

import pytest
from faulty_books import SITE_CONFIG, Book


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A book of two sections that is built; its tests follow each other."""
    folder = tmp_path_factory.mktemp("small")
    made = Book(folder, {"one": "6 * 7", "two": "1"}, SITE_CONFIG)
    output = made.passes("build")
    assert "Notebooks run: 2 of 2; pages made: 3" in output
    return made


def times(book: Book) -> dict[str, int]:
    site = book.root / "_build" / "html"
    return {
        path.relative_to(site).as_posix(): path.stat().st_mtime_ns
        for path in site.rglob("*")
        if path.is_file()
    }


def edit(book: Book, name: str, old: str, new: str) -> None:
    path = book.root / f"{name}.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def page(book: Book, name: str) -> str:
    return (book.root / "_build" / "html" / f"{name}.html").read_text()


def test_when_nothing_changed_then_nothing_is_done(book):
    for path in book.root.glob("*.md"):
        path.touch()  # a time is no change
    before = times(book)
    began = time.monotonic()
    status, output = book.bookkit("build", BOOKKIT_PREFORK="0")
    assert (status, output.count("\n")) == (0, 1), output
    assert "Nothing to do" in output
    assert times(book) == before
    assert time.monotonic() - began < 5  # a guard against kernels, not a timing


def test_when_a_paragraph_changed_then_one_page_is_made_and_no_cell_run(book):
    before = times(book)
    edit(book, "one", "Words.", "Other words.")
    output = book.passes("build")
    assert "Notebooks run: 0 of 2; pages made: 1 (one.md)" in output
    changed = {name for name, at in times(book).items() if before.get(name) != at}
    assert "one.html" in changed and "two.html" not in changed
    taken = {"_notebooks/alpha/one.ipynb", "_notebooks/faulty-alpha.zip"}
    assert taken <= changed
    made = {"one.html", "_previews/one.js", "searchindex.js", "_sources/one.md.txt"}
    assert changed <= made | taken
    assert "Other words." in page(book, "one")


def test_when_a_cell_changed_then_one_notebook_runs(book):
    book.write("two", "1000 + 1")
    output = book.passes("build")
    assert "Notebooks run: 1 of 2; pages made: 1 (two.md)" in output
    assert "1001" in page(book, "two")


def test_when_the_clock_was_set_back_then_an_edit_is_seen(book):
    ahead = time.time() + 10 * 365 * 86400
    for path in (book.root / "_build").rglob("*"):
        if path.is_file():
            os.utime(path, (ahead, ahead))
    output = book.passes("build")
    assert "Notebooks run: 0 of 2" in output, output
    edit(book, "one", "Other words.", "Words of yesterday.")
    os.utime(book.root / "one.md", (1e9, 1e9))
    book.passes("build")
    assert "Words of yesterday." in page(book, "one")


def test_when_a_product_is_lost_or_damaged_then_it_is_made_again(book):
    (book.root / "_build" / "html" / "one.html").write_text("<")
    (book.root / "_build" / "notebooks" / "alpha" / "two.ipynb").unlink()
    output = book.passes("build")
    assert "Notebooks run: 0 of 2" in output, output
    assert "Words of yesterday." in page(book, "one")
    assert (book.root / "_build" / "notebooks" / "alpha" / "two.ipynb").is_file()


def test_when_a_build_fails_then_the_last_good_site_stays(book):
    before = times(book)
    edit(book, "one", "Words of yesterday.", "See [nothing](nowhere.md) :numref:`no`.")
    status, output = book.bookkit("build")
    assert status == 1, output
    assert times(book) == before
    edit(book, "one", "See [nothing](nowhere.md) :numref:`no`.", "Good again.")
    book.passes("build")
    assert "Good again." in page(book, "one")


def test_when_a_section_is_renamed_then_its_products_go(book):
    (book.root / "two.md").rename(book.root / "three.md")
    edit(book, "index", "two", "three")
    output = book.passes("build")
    assert "Notebooks run: 0 of 2" in output  # the same code, under another name
    assert list((book.root / "_build").rglob("two*")) == []
    assert "1001" in page(book, "three")
