"""Notebooks for learners: plain Markdown, and nothing of the reader's is lost."""

from pathlib import Path

import nbformat
import pytest
from small_books import code, unexecuted, write_book

from bookkit.book.config import Config
from bookkit.book.source import read_book
from bookkit.library.write import build_library
from bookkit.publish import notebooks as publish
from bookkit.run.declared import not_run
from bookkit.run.plan import executed_notebooks

TEXT = """\
# One
:label:`sec_one`

See :numref:`fig_box`, :numref:`sec_one`, :eqref:`eq_sum` and :cite:`Key.1979`.

![A box](img/box.svg)
:width:`200px`
:label:`fig_box`

$$a + b$$
:eqlabel:`eq_sum`

"""
CELLS = code("alpha", "1") + code("beta", "2")
INDEX = "# Small\n\n```toc\n:numbered:\n\none\n```\n\n:bibliography:`small.bib`\n"


@pytest.fixture
def book(tmp_path: Path) -> Config:
    files: dict[str, str | bytes] = {
        "one.md": TEXT + CELLS,
        "index.md": INDEX,
        "img/box.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    return write_book(tmp_path, files)


def write(book: Config) -> list[str]:
    sections = read_book(book)
    executed = unexecuted(book, sections)
    folder = book.output / "notebooks"
    written = publish.write_notebooks(book, sections, executed, folder)
    return [path.relative_to(folder).as_posix() for path in written]


def prose(book: Config, name: str) -> str:
    text = (book.output / "notebooks" / name).read_text("utf-8")
    cells = nbformat.reads(text, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_when_published_then_every_directive_is_resolved(book):
    write(book)
    text = prose(book, "alpha/one.ipynb")
    assert "See Fig. 1.1, [1 One](one.ipynb), (1.1) and (A, 1979)." in text
    assert ":label:" not in text and ":width:" not in text
    assert (book.output / "notebooks" / "alpha" / "img" / "box.svg").exists()
    front = prose(book, "alpha/index.ipynb")
    assert "- [1 One](one.ipynb)" in front
    assert "A. (1979). Key" in front


def test_when_nothing_changed_then_nothing_is_written(book):
    assert len(write(book)) == 4
    assert write(book) == []


def test_when_a_reader_changed_a_notebook_then_it_is_kept(book, caplog):
    write(book)
    mine = book.output / "notebooks" / "alpha" / "one.ipynb"
    mine.write_text("my work")
    (book.root / "one.md").write_text(TEXT.replace("See", "Look at") + CELLS)
    assert write(book) == ["beta/one.ipynb"]
    assert mine.read_text() == "my work"
    assert "one.ipynb was changed by hand and is kept as it is" in caplog.text


def test_when_a_section_goes_then_its_notebooks_go_but_not_the_readers(book):
    write(book)
    folder = book.output / "notebooks"
    (folder / "alpha" / "mine.ipynb").write_text("my own")
    (folder / "beta" / "one.ipynb").write_text("my work")
    (book.root / "one.md").unlink()
    (book.root / "index.md").write_text("# Small\n")
    write(book)
    left = {path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb")}
    assert left == {
        "alpha/index.ipynb",
        "beta/index.ipynb",
        "alpha/mine.ipynb",
        "beta/one.ipynb",
    }


def learners_cells(book: Config) -> list[nbformat.NotebookNode]:
    write(book)
    path = book.output / "notebooks" / "alpha" / "one.ipynb"
    cells: list[nbformat.NotebookNode] = nbformat.read(path, as_version=4).cells
    return cells


@pytest.mark.parametrize("new", ["'new'", "1"])  # the other is there already
@pytest.mark.parametrize("place", [0, 1, 2])
def test_when_a_cell_is_inserted_then_learners_cells_keep_their_ids(book, new, place):
    section = book.root / "one.md"
    parts = [TEXT, CELLS + "Between.\n\n", CELLS + "Last.\n"]
    section.write_text("".join(parts))
    before = learners_cells(book)
    assert len({cell.id for cell in before}) == len(before)
    parts.insert(place + 1, code("all", new) + "Words.\n\n")
    section.write_text("".join(parts))
    after = learners_cells(book)
    assert len(after) == len(before) + 2
    sources = {cell.id: cell.source for cell in after}
    assert {cell.id: cell.source for cell in before}.items() <= sources.items()


def test_when_other_cells_are_edited_then_learners_cells_keep_their_ids(book):
    """A figure and a section that come first change numbers in the text of others."""
    section = book.root / "one.md"
    rest = CELLS + TEXT.partition("\n\n")[2] + CELLS
    section.write_text(f"# One\n:label:`sec_one`\n\n{rest}")
    _, *before, _ = learners_cells(book)
    figure = "Words.\n\n![Box](img/box.svg)\n:label:`fig_new`\n\n"
    section.write_text(f"# New\n:label:`sec_one`\n\n{figure}{rest}")
    (book.root / "index.md").write_text(INDEX.replace("\none", "\nzero\none"))
    (book.root / "zero.md").write_text("# Zero\n")
    _, *after, _ = learners_cells(book)
    assert "See Fig. 1.1, [1 One](one.ipynb)" in before[1].source
    assert "See Fig. 2.2, [2 New](one.ipynb)" in after[1].source
    assert [cell.id for cell in before] == [cell.id for cell in after]


def test_when_converted_then_a_notebook_becomes_python(book):
    from nbconvert.exporters import ScriptExporter

    write(book)
    path = book.output / "notebooks" / "alpha" / "one.ipynb"
    script, about = ScriptExporter().from_filename(str(path))
    assert about["output_extension"] == ".py"
    compile(script, "one.py", "exec")


def test_when_interrupted_amid_writing_then_the_file_is_still_ours(book, monkeypatch):
    write(book)
    (book.root / "one.md").write_text(TEXT.replace("See", "Look at") + CELLS)
    with monkeypatch.context() as patch:

        def stop(self: Path, target: Path) -> Path:
            raise KeyboardInterrupt

        real = Path.replace
        patch.setattr(
            Path,
            "replace",
            lambda s, t: stop(s, t) if str(t).endswith(".ipynb") else real(s, t),
        )
        with pytest.raises(KeyboardInterrupt):
            write(book)
    assert write(book) == ["alpha/one.ipynb", "beta/one.ipynb"]


def test_when_saved_functions_are_listed_then_the_notebook_words_its_own(tmp_path):
    container = ".. container:: bookkit-saved-functions\n\n   Elsewhere.\n"
    listing = f"```eval_rst\n{container}```\n"
    other = "```eval_rst\n.. raw:: html\n\n   <b>For pages only</b>\n```\n"
    saved = [
        code(tab, f"def f(x):  #@save\n    '''Say {tab}'''", "    return x")
        for tab in ("alpha", "beta")
    ]
    one = "# One\n\n" + code("all", "1") + "\n".join(saved)
    index = f"# Small\n\nBefore.\n\n{listing}\n{other}\n```toc\none\n```\n"
    book = write_book(tmp_path, {"one.md": one, "index.md": index})
    build_library(book)
    write(book)
    assert prose(book, "beta/index.ipynb") == (
        "# Small\n\nBefore.\n\n```python\nfrom small import beta as small\n```\n\n"
        "**`small.f(x)`**\n\nSay beta\n\n\n\n- [One](one.ipynb)"
    )


def test_when_a_notebook_is_not_run_then_its_carried_code_is_not_either(tmp_path):
    one = (
        "# One\n\n"
        + code("all", "import math")
        + code("all", "def f():  #@save\n    return 1")
    )
    two = (
        "# Two\n\n"
        + code("alpha", "from small import alpha as small")
        + code("alpha", "small.f()")
    )
    book = write_book(tmp_path, {"one.md": one, "two.md": two})
    sections = read_book(book)
    results = [not_run(str(s.path), "alpha") for s in sections]
    executed = executed_notebooks(book, sections, results)
    publish.write_notebooks(book, sections, executed, book.output / "notebooks")
    text = (book.output / "notebooks" / "alpha" / "two.ipynb").read_text("utf-8")
    code_cells = [c for c in nbformat.reads(text, 4).cells if c.cell_type == "code"]
    assert ["def f():" in cell.source for cell in code_cells] == [True, False]
    assert all("nbval-skip" in cell.metadata["tags"] for cell in code_cells)
    said = [o.data["text/plain"] for cell in code_cells for o in cell.outputs]
    assert said == ["The code on this page was not run when the book was built."]
