"""Plain d2lbook reads our sources: its own checks pass, its library has our names."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bookkit.book import config as configuration
from bookkit.book.source import read_book
from bookkit.book.syntax import names_of
from bookkit.check import check_book, coverage
from bookkit.library.saved import extract
from bookkit.library.write import build_library

ROOT = Path(__file__).resolve().parents[2]
TINYBOOK = Path(__file__).parent / "data" / "tinybook"


@pytest.fixture(params=["our book", "tinybook"])
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a copy of a book: what d2lbook reads, not what we built of it."""
    target = tmp_path / "book"
    source = ROOT if request.param == "our book" else TINYBOOK
    config = configuration.load(source)
    shutil.copytree(
        source,
        target,
        ignore=lambda folder, names: (
            {name for name in names if name.startswith(".") or name == "_build"}
            | ({"bookkit", "tests", "benchmarks"} if Path(folder) == ROOT else set())
        ),
    )
    for tab in config.all_tabs:
        if tab.library:
            library = target / tab.library.relative_to(source)
            library.parent.mkdir(exist_ok=True)
            library.unlink(missing_ok=True)
    return target


def run_d2lbook(book: Path, *commands: str) -> subprocess.CompletedProcess[str]:
    d2lbook = Path(sys.executable).with_name("d2lbook")
    return subprocess.run(
        [d2lbook, "build", *commands],
        cwd=book,
        capture_output=True,
        text=True,
        timeout=120,
    )


def public_names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        name
        for statement in tree.body
        if not isinstance(statement, (ast.Import, ast.ImportFrom))
        for name in names_of(statement)
        if not name.startswith("__")
    }


def test_plain_d2lbook_finds_nothing_wrong_and_the_same_names(copy):
    done = run_d2lbook(copy, "tabcheck", "outputcheck", "lib")
    assert done.returncode == 0, done.stderr
    config = configuration.load(copy)
    libraries = [tab.library for tab in config.all_tabs if tab.library]
    theirs = {path.name: public_names(path) for path in libraries}
    assert len(theirs) == 4 and all(theirs.values())
    changed = build_library(config)
    assert changed == libraries  # ours are better, so each file is another one
    assert {path.name: public_names(path) for path in libraries} == theirs


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("tabcheck", "```{.python .input}\n#@tab nonesuch\n1\n```\n"),
        (
            "outputcheck",
            "```{.python .input}\n#@tab all\n1\n```\n\n```{.json .output n=1}\n"
            '[{"output_type": "stream", "name": "stdout", "text": "1"}]\n```\n',
        ),
    ],
)
def test_its_checks_and_ours_see_the_same_mistakes(tmp_path, command, text):
    book = tmp_path / "book"
    shutil.copytree(TINYBOOK, book)
    with open(book / "part" / "boxes.md", "a", encoding="utf-8") as section:
        section.write(f"\n{text}")
    assert run_d2lbook(book, command).returncode != 0
    expected = {"tabcheck": "BK111", "outputcheck": "BK105"}[command]
    findings = check_book(configuration.load(book))
    assert expected in {finding.code for finding in findings}


def test_the_tiny_book_is_clean():
    config = configuration.load(TINYBOOK)
    assert [str(finding) for finding in check_book(config)] == []
    rows = {str(path): counts for path, counts in coverage.count(config)}
    assert rows["part/boxes.md"] == dict.fromkeys(config.tab_names, 3)
    assert rows["part/sums.md"] == {"alpha": 3, "beta": 3, "gamma": 3, "delta": 2}


def test_every_tab_of_the_tiny_book_saves_the_same_names():
    config = configuration.load(TINYBOOK)
    sections = read_book(config)
    for tab in config.all_tabs:
        library = extract(config, sections, tab)
        assert library.problems == []
        assert library.names() == ["middle", "LIMIT", "Total"]
        needed = "import statistics" if tab.name == "gamma" else "import math"
        assert needed in library.imports


def test_our_book_is_clean_and_its_library_is_fresh():
    config = configuration.load(ROOT)
    assert [str(finding) for finding in check_book(config)] == []
    assert build_library(config, check_only=True) == [], "run `make lib`"
