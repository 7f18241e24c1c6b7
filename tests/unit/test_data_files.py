"""Files that cells declare: out of the code, into the key, beside the notebook."""

import pytest
from small_books import code, unexecuted, write_book

from bookkit.book.datafiles import data_files, place_files
from bookkit.book.inputs import is_inside
from bookkit.book.source import notebook_of, read_book
from bookkit.check import check_book
from bookkit.publish import notebooks as publish
from bookkit.run.cache import hash_files

TEXT = (
    "# One\n\n"
    + code("alpha", "#@data data/table.csv", "open('data/table.csv').read()")
    + code("beta", "1")
)
FILES: dict[str, str | bytes] = {"one.md": TEXT, "data/table.csv": "1,2\n"}


def test_when_a_cell_declares_a_file_then_its_notebook_lacks_the_line(tmp_path):
    book = write_book(tmp_path, FILES)
    section = read_book(book)[1]
    notebook = notebook_of(section, "alpha", book)
    sources = [c.source for c in notebook.cells if c.cell_type == "code"]
    assert sources == ["open('data/table.csv').read()"]
    assert data_files(section, "alpha") == ("data/table.csv",)
    assert data_files(section, "beta") == ()
    assert [one for one in check_book(book) if one.code == "BK310"] == []


def test_when_a_file_changes_then_its_hash_does(tmp_path):
    (tmp_path / "a").write_text("1")
    before = hash_files(tmp_path, ["a", "gone"])
    (tmp_path / "a").write_text("2")
    after = hash_files(tmp_path, ["a", "gone"])
    assert before["a"] != after["a"]
    assert before["gone"] == after["gone"] == "unreadable"


def test_when_notebooks_are_published_then_the_file_lies_beside(tmp_path):
    book = write_book(tmp_path, FILES)
    sections = read_book(book)
    executed = unexecuted(book, sections)
    publish.write_notebooks(book, sections, executed, tmp_path / "out")
    assert (tmp_path / "out/alpha/data/table.csv").read_text() == "1,2\n"
    assert not (tmp_path / "out/beta/data").exists()


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../x", "a/../../x", "a/../in", "link/x"]
)
def test_when_a_path_leads_out_of_the_book_then_nothing_is_copied(tmp_path, name):
    root = tmp_path / "book"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    (tmp_path / "x").write_text("secret")
    (root / "in").write_text("found by its plain name only")
    assert not is_inside(root, name)
    with pytest.raises(FileNotFoundError, match="not in the book"):
        place_files(root, [name], root / "out")
