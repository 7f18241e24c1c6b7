"""Notebooks that are whole by themselves, and archives of them."""

import base64
import hashlib
import zipfile
from pathlib import Path

import nbformat
import pytest
from small_books import code, unexecuted, write_book

from bookkit.book.config import Config
from bookkit.book.source import read_book
from bookkit.publish import notebooks as publish
from bookkit.publish.downloads import Downloads, offered
from bookkit.publish.pictures import is_current, painted

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
FILES: dict[str, str | bytes] = {
    "index.md": "# Small\n\n```toc\nc/one\nc/two\nc/words\n```\n",
    "c/one.md": "# One\n\n![A box](../img/box.svg) ![Far](https://x.org/a.png)\n\n"
    + code("alpha", "1")
    + code("beta", "2"),
    "c/two.md": "# Two\n\n" + code("alpha", "#@data d/t.csv", "open('d/t.csv')"),
    "c/words.md": "# Words\n\n![A box](../img/box.svg)\n",
    "img/box.svg": SVG,
    "d/t.csv": "a,b\n",
}


@pytest.fixture
def book(tmp_path: Path) -> Config:
    return write_book(tmp_path, dict(FILES))


def take(book: Config) -> dict[str, dict[str, str]]:
    sections = read_book(book)
    executed = unexecuted(book, sections)
    downloads = Downloads(book, book.root / "taken")
    folder = book.output / "notebooks"
    publish.write_notebooks(book, sections, executed, folder, taker=downloads)
    return offered(book, sections, executed)


def files(book: Config) -> set[str]:
    folder = book.root / "taken"
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_when_offered_then_it_is_there_and_nothing_else_is(book):
    pages = take(book)
    assert pages == {
        "index": {"alpha": "small-alpha.zip", "beta": "small-beta.zip"},
        "c/one": {"alpha": "alpha/c/one.ipynb", "beta": "beta/c/one.ipynb"},
        "c/two": {"alpha": "alpha/c/two.zip"},
    }
    assert files(book) == {place for page in pages.values() for place in page.values()}


def test_when_taken_along_then_figures_are_inside(book):
    take(book)
    path = book.root / "taken" / "alpha" / "c" / "one.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    address = f"data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}"
    assert (
        f"![A box]({address}) ![Far](https://x.org/a.png)" in notebook.cells[0].source
    )
    # The reader's own folder has them as files still.
    own = (book.output / "notebooks" / "alpha" / "c" / "one.ipynb").read_text()
    assert "![A box](../img/box.svg)" in own


def test_when_a_drawing_was_painted_then_the_painting_is_inside(book):
    """Not every viewer shows SVG; a stale painting is of something else."""
    drawing = book.root / "img" / "box.svg"
    digest = hashlib.sha256(SVG).hexdigest()
    png = b"\x89PNG\r\n..tEXtSource-SHA256\0" + digest.encode()
    painted(drawing).write_bytes(png)
    notebook = book.root / "taken" / "alpha" / "c" / "one.ipynb"
    take(book)
    address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    assert f"![A box]({address})" in notebook.read_text(encoding="utf-8")
    drawing.write_bytes(SVG + b"\n")
    take(book)
    assert "data:image/svg+xml" in notebook.read_text(encoding="utf-8")


def test_when_the_book_has_drawings_then_each_was_painted_as_it_is():
    """`make pictures` paints those that are not."""
    folder = Path(__file__).resolve().parents[2] / "img"
    drawings = sorted(folder.glob("*.svg"))
    assert [one.name for one in drawings if not is_current(one)] == []
    left = {*folder.glob("*.png")} - {painted(one) for one in drawings}
    assert drawings and not left


def test_when_a_section_has_data_then_it_comes_with_its_notebook(book):
    take(book)
    with zipfile.ZipFile(book.root / "taken" / "alpha" / "c" / "two.zip") as archive:
        assert archive.namelist() == ["d/t.csv", "two.ipynb"]
        assert archive.read("d/t.csv") == b"a,b\n"


def test_when_a_notebook_imports_the_books_functions_then_it_runs_alone(tmp_path):
    save = code("alpha", "def f():  #@save", "    return 1")
    use = code("alpha", "import os", "from small import alpha as small")
    use += code("alpha", "small.f()") + code("beta", "2")
    files = {"one.md": f"# One\n\n{save}", "two.md": f"# Two\n\n{use}"}
    index = "# Small\n\n```toc\none\ntwo\n```\n"
    book = write_book(tmp_path, {**files, "index.md": index})
    pages = take(book)
    assert pages["one"] == {"alpha": "alpha/one.ipynb"}
    assert pages["two"] == {"alpha": "alpha/two.ipynb", "beta": "beta/two.ipynb"}
    taken = nbformat.read(tmp_path / "taken" / "alpha" / "two.ipynb", as_version=4)
    nbformat.validate(taken)
    cells = [cell for cell in taken.cells if cell.cell_type == "code"]
    assert [cells[0].source, cells[2].source] == ["import os", "small.f()"]
    assert cells[1].source == (
        "# What this section uses and the book defines elsewhere, so that the notebook "
        "runs alone.\n"
        "# It stands in the place of: from small import alpha as small\n"
        "import types\n\n\n"
        "def f():\n    return 1\n\n\n"
        "small = types.SimpleNamespace(f=f)"
    )
    assert cells[1].metadata == {
        "jupyter": {"source_hidden": True},
        "tags": ["hide-input"],
    }
    # The reader's own folder has the same.
    own = nbformat.read(book.output / "notebooks" / "alpha" / "two.ipynb", 4)
    assert own == taken


def test_when_all_are_taken_then_they_stand_as_in_the_book(book):
    take(book)
    with zipfile.ZipFile(book.root / "taken" / "small-alpha.zip") as archive:
        names = ["c/d/t.csv", "c/one.ipynb", "c/two.ipynb", "c/words.ipynb"]
        assert archive.namelist() == [*names, "index.ipynb"]
        assert b"data:image/svg+xml" in archive.read("c/words.ipynb")


def test_when_written_again_then_no_file_is_touched(book):
    take(book)
    folder = book.root / "taken"
    before = {one: one.stat().st_mtime_ns for one in folder.rglob("*")}
    take(book)
    assert {one: one.stat().st_mtime_ns for one in folder.rglob("*")} == before


def test_when_a_section_goes_then_what_was_made_of_it_goes(book):
    take(book)
    (book.root / "c" / "two.md").unlink()
    (book.root / "index.md").write_text("# Small\n\n```toc\nc/one\nc/words\n```\n")
    (book.root / "taken" / "alpha" / ".half.part").write_text("interrupted")
    take(book)
    assert "alpha/c/two.zip" not in files(book)
    assert "alpha/.half.part" not in files(book)


def test_when_a_reader_changed_a_notebook_then_the_site_does_not_have_it(book):
    take(book)
    (book.output / "notebooks" / "alpha" / "c" / "one.ipynb").write_text("my work")
    take(book)
    path = book.root / "taken" / "alpha" / "c" / "one.ipynb"
    assert "my work" not in path.read_text(encoding="utf-8")


def test_when_no_section_has_code_then_nothing_is_offered(tmp_path):
    book = write_book(tmp_path, {"one.md": "# One\n\nWords.\n"})
    assert take(book) == {}
    assert files(book) == set()
