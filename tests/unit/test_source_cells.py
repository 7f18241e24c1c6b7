"""Reading a section: lines, tabs, logical cells, the notebook of a tab."""

import ast
import os
from pathlib import Path, PurePosixPath

import nbformat
import pytest
from small_books import code, write_book

from bookkit.book import inputs, source, syntax
from bookkit.book.config import Config
from bookkit.book.d2lbook import build
from bookkit.errors import SourceError

ONE = PurePosixPath("one.md")
TEXT = (
    "# One\n:label:`sec_one`\n\nFirst.\n\n"
    + code("alpha", "a = 1", "a")
    + code("beta", "a = 2", "a")
    + ":begin_tab:`beta`\nOnly beta.\n:end_tab:\n\nLast.\n\n"
    + code("all", "#@nondeterministic", "a + 1")
)


def read(root: Path, text: str = TEXT) -> tuple[Config, source.Section]:
    config = write_book(root, {"one.md": text})
    return config, source.read_section(config, ONE)


def test_every_cell_knows_its_line_and_its_tabs(tmp_path):
    _, section = read(tmp_path)
    rows = TEXT.split("\n")
    assert [(cell.kind, cell.tabs, cell.line) for cell in section.cells] == [
        ("markdown", (), 1),
        ("code", ("alpha",), 7),
        ("code", ("beta",), 13),
        ("markdown", ("beta",), 18),
        ("markdown", (), 22),
        ("code", ("all",), 25),
    ]
    for cell in section.cells:
        assert rows[cell.line - 1] == cell.source.split("\n")[0]


def test_title_and_label_are_the_first_ones(tmp_path):
    _, section = read(tmp_path, TEXT + "## Two\n:label:`sec_two`\n")
    assert (section.title, section.label) == ("One", "sec_one")


def test_variants_that_follow_each_other_are_one_logical_cell(tmp_path):
    _, section = read(tmp_path)
    groups = [[cell.tabs for cell in group] for group in section.groups()]
    assert groups == [[("alpha",), ("beta",)], [("all",)]]


def test_a_second_variant_for_the_same_tab_begins_another_cell(tmp_path):
    _, section = read(tmp_path, "# One\n\n" + code("alpha", "1") * 2)
    assert len(section.groups()) == 2


def test_a_notebook_has_the_cells_of_its_tab_and_nothing_else(tmp_path):
    config, section = read(tmp_path)
    notebook = source.notebook_of(section, "beta", config)
    assert notebook is not None
    assert [cell.source.strip() for cell in notebook.cells] == [
        "# One\n:label:`sec_one`\n\nFirst.",
        "a = 2\na",
        "Only beta.",
        "Last.",
        "a + 1",
    ]
    assert [cell.metadata["origin_pos"] for cell in notebook.cells] == [0, 2, 3, 4, 5]


def test_a_folded_cell_says_so_to_jupyter_and_is_not_marked_any_more(tmp_path):
    marked = code("all", "#@folded", "#@nondeterministic", "1")
    config, section = read(tmp_path, "# One\n\n" + marked)
    notebook = source.notebook_of(section, "alpha", config)
    assert notebook is not None
    cell = notebook.cells[-1]
    assert cell.source.strip() == "1"
    assert cell.metadata["jupyter"] == {"source_hidden": True}
    assert cell.metadata["tags"] == [source.NBVAL_IGNORE_TAG, source.FOLDED_TAG]
    nbformat.validate(notebook)


def test_a_cell_marked_nondeterministic_is_tagged_and_not_marked_any_more(tmp_path):
    config, section = read(tmp_path)
    notebook = source.notebook_of(section, "alpha", config)
    assert notebook is not None
    tags = [cell.metadata.get("tags") for cell in notebook.cells]
    assert tags == [None, None, None, [source.NBVAL_IGNORE_TAG]]


def test_the_same_text_gives_the_same_notebook(tmp_path):
    first = source.notebook_of(read(tmp_path)[1], "alpha", read(tmp_path)[0])
    second = source.notebook_of(read(tmp_path)[1], "alpha", read(tmp_path)[0])
    assert first == second


def ids(config: Config, section: source.Section, tab: str) -> dict[str, str]:
    notebook = source.notebook_of(section, tab, config)
    assert notebook is not None
    nbformat.validate(notebook)
    found = {cell.id: cell.source for cell in notebook.cells}
    assert len(found) == len(notebook.cells)
    return found


def test_when_a_cell_is_inserted_then_the_others_keep_their_ids(tmp_path):
    cells = ["x = 1", "x", "x = 2", "x", "x"]
    parts = ["# One\n\n", *(f"Words.\n\n{code('alpha, beta', cell)}" for cell in cells)]
    before = ids(*read(tmp_path, "".join(parts)), "alpha")
    assert len(before) == 10
    for at in range(2, len(parts) + 1):
        more = f"More {at}.\n\n{code('all', 'y')}"
        text = "".join([*parts[:at], more, *parts[at:]])
        after = ids(*read(tmp_path, text), "alpha")
        assert len(after) == 12
        assert before.items() <= after.items()
    other = ids(*read(tmp_path, "".join(parts)), "beta")
    assert not other.keys() & before.keys()


def test_when_ids_would_meet_then_they_differ_all_the_same(tmp_path, monkeypatch):
    class Narrow:
        """A hash of one digit, so that texts which differ meet."""

        def __init__(self, text: bytes) -> None:
            self._text = text

        def hexdigest(self) -> str:
            return f"{sum(self._text) % 16:08x}"

    monkeypatch.setattr(source.hashlib, "sha1", Narrow)
    cells = "".join(f"{n}.\n\n{code('all', f'x = {n}')}" for n in range(7))
    assert len(ids(*read(tmp_path, f"# One\n\n{cells}"), "alpha")) == 14


def test_when_a_section_has_no_cell_of_a_tab_then_it_has_no_notebook(tmp_path):
    config, section = read(tmp_path, "# One\n\n" + code("alpha", "1"))
    assert source.notebook_of(section, "beta", config) is None
    assert not source.runs_code(None)


def test_when_a_file_is_not_utf8_then_line_and_byte_are_named(tmp_path):
    config = write_book(tmp_path, {"one.md": b"# One\n\n\xe9\n"})
    with pytest.raises(SourceError) as caught:
        source.read_section(config, ONE)
    assert str(caught.value) == (
        "one.md:3: byte 0xe9 is not UTF-8\n"
        "  expected: a UTF-8 file\n  next: save it as UTF-8"
    )


def test_when_d2lbook_sees_other_cells_than_fences_then_that_is_said(tmp_path):
    with pytest.raises(SourceError, match="1 code fences, but d2lbook sees 0 cells"):
        read(tmp_path, "# One\n\n```{.python .input}\n1\n")


def test_sections_come_in_the_order_of_the_toc(tmp_path):
    files: dict[str, str | bytes] = {
        "index.md": "# A\n\n```toc\n:maxdepth: 2\n\npart/index\none\nnone\n```\n",
        "part/index.md": "# Part\n\n```toc\nz\ny\n```\n",
        "part/y.md": "# Y\n",
        "part/z.md": "# Z\n",
        "part/lost.md": "# Lost\n",
        "one.md": "# One\n",
    }
    found = source.find_sections(write_book(tmp_path, files))
    order = "index.md part/index.md part/z.md part/y.md one.md part/lost.md"
    assert " ".join(map(str, found)) == order


def test_sections_are_those_that_d2lbook_finds(tmp_path, monkeypatch):
    config = (
        "[build]\ntabs = a\nnotebooks = *.md yes/**/*.md */*.md\n"
        "exclusions = README.md no\nnon-notebooks = pure/*.md\n"
    )
    names = ("README.md", "no/a.md", "pure/a.md", "yes/a.md", "yes/deep/b.md")
    book = write_book(tmp_path, dict.fromkeys(names, ""), config)
    monkeypatch.chdir(tmp_path)
    theirs = build.Builder(build.Config())._find_md_files()[0]
    found = [str(path) for path in inputs.section_files(book)]
    assert found == ["index.md", "yes/a.md", "yes/deep/b.md"]
    assert {os.path.relpath(path) for path in theirs} == {*found}


def test_when_a_toc_leads_back_then_its_line_is_named(tmp_path):
    files: dict[str, str | bytes] = {"one.md": "# One\n\n```toc\nindex\n```\n"}
    with pytest.raises(SourceError) as caught:
        source.find_sections(write_book(tmp_path, files))
    assert str(caught.value) == (
        "one.md:4: the toc leads back to index.md\n  expected: a tree of pages"
    )


@pytest.mark.parametrize(
    "text",
    [
        "!nvidia-smi\nx = 1",
        "%timeit 1\nx = 1",
        "if 1:\n    !ls\nx = 1",
        "x = (5\n% 3)",
        "x = %time 1",
        "a.x, x = !ls",
    ],
)
def test_lines_for_ipython_do_not_hide_the_python_around_them(text: str) -> None:
    tree = syntax.parse_code(text)
    assert tree is not None
    assert isinstance(tree.body[-1], ast.Assign)
    assert syntax.plain_code(text).count("\n") == text.count("\n")


def test_a_cell_in_another_language_has_no_python() -> None:
    assert syntax.plain_code("%%bash\nls |") == "\n"
    tree = syntax.parse_code("%%tab all\nx = 1")
    assert tree is not None and len(tree.body) == 2
