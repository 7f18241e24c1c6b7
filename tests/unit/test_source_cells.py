"""Reading a section: lines, tabs, logical cells, the notebook of a tab."""

import ast
import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import nbformat
import pytest
from d2lbook.build import Builder
from d2lbook.config import Config as TheirConfig
from IPython.core.inputtransformer2 import TransformerManager
from small_books import code, write_book

from bookkit.book import inputs, source, syntax
from bookkit.book.config import Config
from bookkit.check import check_book
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


@pytest.mark.parametrize(
    ("mark", "tags"),
    [
        ("#@no-run", ["skip-execution", "nbval-skip"]),
        ("#@raises-exception", ["raises-exception"]),
        ("# raises-exception", ["raises-exception"]),
    ],
)
def test_a_mark_becomes_the_tags_that_other_tools_know(tmp_path, mark, tags):
    config, section = read(tmp_path, "# One\n\n" + code("all", "1", mark))
    notebook = source.notebook_of(section, "alpha", config)
    assert notebook is not None
    (cell,) = (one for one in notebook.cells if one.cell_type == "code")
    assert (cell.source.strip(), cell.metadata["tags"]) == ("1", tags)


def test_a_cell_for_authors_only_is_no_cell_of_the_section(tmp_path):
    loader = (
        "```{.python .input}\n%load_ext d2lbook.tab\ntab.interact_select()\n```\n\n"
    )
    own = code("alpha", "1") + code("beta", "2")
    config, section = read(tmp_path, "# One\n\n" + loader + own)
    assert [[one.line for one in group] for group in section.groups()] == [[9, 14]]
    for tab, number in (("alpha", "1"), ("beta", "2")):
        notebook = source.notebook_of(section, tab, config)
        sources = [c.source for c in notebook.cells if c.cell_type == "code"]
        assert sources == [number]
    assert check_book(config) == []


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


@pytest.mark.parametrize(
    "text, line, found",
    [
        ("```{.python .input}\n1\n", 3, "a code fence that d2lbook does not take"),
        ("~~~{.python .input}\n1\n~~~\n", 3, "d2lbook takes an example for a cell"),
        ("<!--\n```{.python .input}\n1\n```\n-->\n", 4, "d2lbook takes an example"),
        (" ```{.python .input}\n1\n```\n", 3, "a code fence that d2lbook does not"),
        (
            "```{.python .input}\n1\n````\n```\n",
            3,
            "a cell that ends elsewhere for d2lbook",
        ),
    ],
)
def test_when_d2lbook_sees_other_cells_then_the_first_is_named(
    tmp_path, text, line, found
):
    with pytest.raises(SourceError, match=f"one.md:{line}: {found}"):
        read(tmp_path, f"# One\n\n{text}")


@pytest.mark.parametrize(
    "text, title, label",
    [
        ("<!-- # Not -->\n\n# One\n:label:`a`\n", "One", "a"),
        (code("all", "# Not") + "# One\n", "One", ""),
        ("One `x`\n===\n:label:`a`\n", "One `x`", "a"),
        ("# One :label:`a`\n", "One", "a"),
        ("# One #\n\n![x](y.svg)\n:label:`b`\n\n## Two\n:label:`c`\n", "One", ""),
        ("````\n# Not\n````\n", "one", ""),
    ],
)
def test_a_title_is_what_the_page_has_as_such(tmp_path, text, title, label):
    _, section = read(tmp_path, text)
    assert (section.title, section.label) == (title, label)


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
    theirs = Builder(TheirConfig())._find_md_files()[0]
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


IPYTHON = [
    "!nvidia-smi\nx = 1",
    "%timeit 1\nx = 1",
    "if 1:\n    !ls \\\n  -l\nx = 1",
    "x = (5\n% 3)",
    "%precision 3\nx = (10\n     % 3)",
    "!echo a \\\n  b\nx = 1",
    "x = !echo hi",
    "x = %sx echo hi",
    "x = %time 1",
    "a.x, x = !ls",
    "len?\nx = 1",
    "?len\nx = 1",
    "%timeit -n1 -r1 \\\n  sum(range(10))\n\nx = 1",
    ">>> 1 + 1\n>>> x = 1",
    "In [1]: x = 1",
    "\n\n  y = 2\n  x = 1",
    "%%time\n!ls\nx = 1",
    "%%tab all\nx = 1",
]


@pytest.mark.parametrize("text", IPYTHON)
def test_a_cell_is_what_ipython_makes_of_it_on_its_own_lines(text: str) -> None:
    plain = syntax.plain_code(text)
    tree = syntax.parse_code(text)
    assert tree is not None
    last = tree.body[-1]
    assert isinstance(last, ast.Assign)
    assert plain.count("\n") == text.count("\n")
    assert "x =" in text.split("\n")[last.lineno - 1]
    if not text.startswith(("%%", "\n")):
        made = TransformerManager().transform_cell(text)
        assert ast.dump(ast.parse(made)) == ast.dump(tree)


def test_when_ipython_understands_a_cell_then_it_is_no_finding(tmp_path) -> None:
    cells = [code("alpha, beta", text) for text in IPYTHON if "%%" not in text]
    config = write_book(tmp_path, {"one.md": "# One\n\nText.\n\n" + "".join(cells)})
    assert [str(one) for one in check_book(config) if one.code == "BK401"] == []


def test_a_cell_in_another_language_is_one_call() -> None:
    plain = syntax.plain_code("%%bash\nls |")
    assert plain == "get_ipython().run_cell_magic('bash', '', 'ls |\\n')\n"


@pytest.mark.parametrize(
    ("text", "line"), [("!a \\\n b\nx = = 1", 3), ("\n\n%ls\nif\n", 4), ("1 +\n%ls", 1)]
)
def test_when_a_cell_is_not_python_then_its_own_line_is_named(tmp_path, text, line):
    config = write_book(tmp_path, {"one.md": code("alpha, beta", text)})
    found = [one for one in check_book(config) if one.code == "BK401"]
    assert [one.line for one in found] == [2 + line]


def test_reading_cells_for_ipython_does_not_import_its_shell() -> None:
    program = (
        "import sys\nfrom bookkit.book.syntax import plain_code\n"
        "plain_code('x = 1')\nassert not any('IPython' in one for one in sys.modules)\n"
        "plain_code('%ls')\nassert not any('IPython' in one for one in sys.modules)\n"
        "import IPython\nassert IPython.core.interactiveshell.InteractiveShell\n"
        "assert plain_code('!ls') == \"get_ipython().system('ls')\"\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
