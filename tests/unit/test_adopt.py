"""`bookkit adopt`: the few lines a book of d2lbook's lacks, and what it is told."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from small_books import code, write_book

from bookkit.adopt import adopt
from bookkit.adopt.lines import difference, with_values
from bookkit.book import baseline
from bookkit.book import config as configuration
from bookkit.cli import cli
from bookkit.library.head import MARK

STOCK = """\
[project]
name = theirs
[translation]
origin_lang = en
[pdf]
# Where works are
bibfile =
[build]
notebooks = *.md */*.md
tabs = pytorch, mxnet
[library-pytorch]
lib_file = theirs/torch.py
"""
FILES: dict[str, str | bytes] = {
    "index.md": "# Theirs\n\n```toc\none\n```\n",
    "one.md": "# One\n\nAs :cite:`Key.1979` says.\n\n"
    + code("pytorch", "import os, torch", "from PIL import Image", "%timeit 1")
    + code("mxnet", "from mxnet import gluon", "import theirs", "from IPython import x")
    + "```{.python .input}\n1\n```\n\n"
    + ":bibliography:`small.bib`\n",
    "theirs/torch.py": f"import sklearn.svm\nfrom . import x\n\n{MARK}\n",
}


def run(root: Path, dry_run: bool = False) -> list[str]:
    return list(adopt(configuration.load(root), dry_run))


def test_when_a_book_is_adopted_then_it_has_what_it_lacked(tmp_path):
    write_book(tmp_path, FILES, STOCK)
    assert run(tmp_path) == [
        "Theirs: 2 sections, tabs pytorch, mxnet",
        "--- config.ini",
        "+++ config.ini",
        "@@ -6,3 +6,3 @@",
        " # Where works are",
        "-bibfile =",
        "+bibfile = small.bib",
        " [build]",
        "@@ -12 +12,4 @@",
        " lib_file = theirs/torch.py",
        "+",
        "+[bookkit-mxnet]",
        "+pythons = 3.11",
        "config.ini:4: [translation] origin_lang: not used\n"
        "  next: bookkit does not translate; plain `d2lbook translate` reads them",
        "envs/pytorch.in: what cells import: ipykernel, pillow, scikit-learn, torch",
        "envs/mxnet.in: what cells import: ipykernel, mxnet==1.9.1, numpy==1.23.5",
        "     1 style  BK112  a code cell without a tab",
        "     1 style  BK201  a logical cell lacks a tab, and no note says so",
        "     2 style  BK405  imports that d2lbook would rewrite",
        "Known findings: 4, in check-baseline.txt; they stop no build",
        "Next:",
        "  1. look through envs/pytorch.in, envs/mxnet.in: is it what cells need?",
        "  2. bookkit lock",
        "  3. bookkit environments",
        "  4. bookkit build",
    ]
    assert (tmp_path / "envs/pytorch.in").read_text("utf-8").splitlines()[1:] == [
        "# builds: torch",
        "ipykernel",
        "pillow",
        "scikit-learn",
        "torch",
    ]
    assert configuration.load(tmp_path).bibfile == "small.bib"


def test_when_it_is_adopted_again_then_nothing_is_written(tmp_path):
    write_book(tmp_path, FILES, STOCK)
    run(tmp_path)
    (tmp_path / "envs" / "mxnet.in").write_text("mxnet==1.9.1\n", encoding="utf-8")
    before = contents(tmp_path)
    told = run(tmp_path)
    assert contents(tmp_path) == before
    assert not [line for line in told if line.startswith(("+", "envs/"))]
    assert "check-baseline.txt is there, and stays" in "".join(told)


def test_when_it_is_a_dry_run_then_the_same_is_told_and_nothing_written(tmp_path):
    write_book(tmp_path, FILES, STOCK)
    before = contents(tmp_path)
    told = run(tmp_path, dry_run=True)
    assert contents(tmp_path) == before
    assert told[-1] == "Nothing was written"
    assert run(tmp_path)[: len(told) - 1] == told[:-1]


def test_when_the_command_has_adopted_a_book_then_its_check_is_clean(tmp_path):
    write_book(tmp_path, FILES, STOCK)
    for command in (["adopt"], ["check"]):
        done = CliRunner().invoke(cli, ["--root", str(tmp_path), *command])
        assert done.exit_code == 0, done.output


def test_when_a_section_cannot_be_read_then_it_is_counted(tmp_path):
    files: dict[str, str | bytes] = {"two.md": b"# Two\n\n\xff\n"}
    files["index.md"] = "# Theirs\n\n```toc\none\ntwo\n```\n"
    write_book(tmp_path, FILES | files, STOCK)
    assert run(tmp_path)[0].startswith("Theirs: 2 sections and 1 unreadable, ")


def contents(root: Path) -> dict[str, bytes]:
    """Return the book's files; what a check remembers is not of the book."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "_build" not in path.parts
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[pdf]\na = 1\n", "[pdf]\nkey = x\na = 1\n"),
        ("[pdf]\n# words\nKey =\na = 1\n", "[pdf]\n# words\nkey = x\na = 1\n"),
        ("[a]\nkey =\n[pdf]", "[a]\nkey =\n[pdf]\nkey = x\n"),
        ("[pdf]\n[a]\nkey =\n", "[pdf]\nkey = x\n[a]\nkey =\n"),
        ("[a]\nb = 1", "[a]\nb = 1\n\n[pdf]\nkey = x\n"),
    ],
)
def test_when_a_value_is_added_then_all_else_stays(before, after):
    assert with_values(before, {("pdf", "key"): "x"}) == after


def test_when_nothing_changes_then_there_is_no_difference():
    assert list(difference("[a]\n", "[a]\n", "config.ini")) == []


def test_when_the_baseline_is_written_then_it_has_all_findings(tmp_path):
    write_book(tmp_path, FILES, STOCK)
    run(tmp_path)
    assert sum(baseline.read(tmp_path).counts.values()) == 4
