"""Results that are committed with a book: renewed where a tab runs, used where not."""

import json
import shutil
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest
from faulty_books import BORROWED, ROOT, SITE_CONFIG, Book

from bookkit.book.config import load
from bookkit.kernels import kernelspecs
from bookkit.run.cache.sealed import seal
from bookkit.run.committed.file import read, to_text
from bookkit.run.results import version_of

CELLS = {"one": "import os\n---\n6 * 7\n---\nlen('three')", "two": "'second'"}
REASON = "json needs Python 2"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a book of two tabs; results of `beta` are to be committed."""
    book = Book(tmp_path_factory.mktemp("built"), CELLS, SITE_CONFIG, ("alpha", "beta"))
    config = book.root / "config.ini"
    text = config.read_text() + "preload = json\nkept = kept/beta\n"
    config.write_text(text)
    kernelspecs.write_all(load(book.root))
    output = book.passes("build")
    assert "Results to commit: kept/beta, 2 written, 0 deleted\n" in output
    return book.root


class Copy(Book):
    def __init__(self, built: Path, root: Path) -> None:
        shutil.copytree(built, root, symlinks=True)
        self.root, self.tag = root, "alpha, beta"
        for path in root.glob("_build/jupyter/kernels/*/kernel.json"):
            path.write_text(path.read_text().replace(str(built), str(root)))

    @property
    def entries(self) -> dict[str, Path]:
        paths = self.root.glob("kept/beta/*.json")
        return {json.loads(path.read_text())["section"]: path for path in paths}

    def lose_beta(self) -> None:
        """Make the environment of `beta` one that this machine cannot have."""
        (self.root / ".envs" / "beta").unlink()
        (self.root / ".envs" / "beta.unavailable").write_text(f"{REASON}\n")

    def regain_beta(self) -> None:
        (self.root / ".envs" / "beta").symlink_to(ROOT / ".envs" / BORROWED)
        (self.root / ".envs" / "beta.unavailable").unlink()

    def change(self, old: str, new: str) -> None:
        path = self.root / "one.md"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def book(built: Path, tmp_path: Path) -> Copy:
    return Copy(built, tmp_path / "book")


@pytest.fixture(scope="module")
def without(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Copy, str]:
    """Return a book that was built where `beta` cannot run, and what was printed."""
    book = Copy(built, tmp_path_factory.mktemp("without") / "book")
    shutil.rmtree(book.root / "_build" / "run")
    book.lose_beta()
    output = book.passes("build", "--again")
    return book, output


def test_when_a_tab_ran_here_then_each_notebook_has_a_small_whole_file(built, book):
    assert set(book.entries) == {"one.md", "two.md"}
    assert not (built / "kept" / "alpha").exists()
    for section, path in book.entries.items():
        text = path.read_text(encoding="utf-8")
        assert text.endswith("}\n") and len(text) < 1500
        found = read(path)
        assert to_text(found.parts, found.result) == text
        assert (found.result.section, found.result.tab) == (section, "beta")
        assert set(found.result.versions) == {"json", "python"}
    cells = read(book.entries["one.md"]).result.cells
    assert [cell.execution_count for cell in cells] == [1, 2, 3]
    assert cells[1].outputs == [
        {
            "output_type": "execute_result",
            "execution_count": 2,
            "metadata": {},
            "data": {"text/plain": "42"},
        }
    ]


def test_when_nothing_changed_then_no_file_is_touched(book):
    times = {path: path.stat().st_mtime_ns for path in book.entries.values()}
    assert "Nothing to do" in book.bookkit("build")[1]
    output = book.passes("build", "--again")
    assert "Notebooks run: 4 of 4" in output, output
    assert "to commit" not in output
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_when_code_changes_then_its_file_is_renewed_and_no_other(book):
    before = book.entries
    notes = before["one.md"].with_name("notes.json")
    notes.write_text("{}")
    book.change("6 * 7", "6 * 8")
    output = book.passes("build")
    assert "Results to commit: kept/beta, 1 written, 1 deleted\n" in output
    assert not before["one.md"].exists()
    notes.unlink()
    assert set(book.entries) == {"one.md", "two.md"}
    assert book.entries["two.md"] == before["two.md"]
    assert "48" in book.entries["one.md"].read_text()


def damage(path: Path) -> None:
    path.write_text(path.read_text().replace('"42"', '"43"'))


def cut(path: Path) -> None:
    path.write_text(path.read_text()[:100])


def age(path: Path) -> None:
    """Turn a file into one of an older version of the framework."""
    found = read(path)
    found.result.versions["json"] = "1.0"
    path.write_text(to_text(found.parts, found.result))


@pytest.mark.parametrize("spoil", [Path.unlink, damage, cut, age])
def test_when_a_file_is_gone_damaged_or_old_then_the_next_build_writes_it(book, spoil):
    path, other = book.entries["one.md"], book.entries["two.md"]
    whole, then = path.read_text(), other.stat().st_mtime_ns
    spoil(path)
    book.passes("check")
    output = book.passes("build")
    assert "Results to commit: kept/beta, 1 written, 0 deleted\n" in output
    assert (path.read_text(), other.stat().st_mtime_ns) == (whole, then)


def test_when_only_the_builds_name_differs_then_it_is_the_same_version():
    versions = {"torch": "2.13.0+cu130", "python": "3.12.1"}
    assert version_of(versions) == version_of({"torch": "2.13.0+cpu"}) == "2.13.0"
    assert version_of({"lib": "1.9.1+cu112"}) == version_of({"lib": "1.9.1"}) == "1.9.1"


def test_when_a_tab_cannot_run_then_the_site_has_it_all_the_same(without, built):
    book, output = without
    date = read(book.entries["one.md"]).result.date
    assert output.splitlines()[-1] == (
        f"beta: not run on this machine: {REASON}. 2 results of {date} "
        "(Beta 2.0.9) taken from kept/beta"
    )
    assert "committed" in output
    assert "Notebooks run: 2 of 4" in output
    kept = {path.name: path.read_bytes() for path in built.glob("kept/beta/*")}
    assert {path.name: path.read_bytes() for path in book.entries.values()} == kept
    assert [path.name for path in book.root.glob("_build/run/*")] == ["alpha"]
    page = (book.root / "_build" / "html" / "one.html").read_text(encoding="utf-8")
    assert f"not run on that which made this page) with json 2.0.9, CPU, {date}" in page
    for place in ("_build/notebooks", "_build/html/_notebooks"):
        path = Path(place, "beta", "one.ipynb")
        assert (book.root / path).read_bytes() == (built / path).read_bytes()
    assert "Nothing to do" in book.bookkit("build")[1]


def test_when_a_tab_cannot_run_then_reports_and_explain_say_so(without):
    book, _ = without
    date = read(book.entries["one.md"]).result.date
    report = json.loads((book.root / "_build" / "report.json").read_text())
    told = {(row["section"], row["tab"]): row for row in report}
    assert told["one.md", "beta"]["committed"] and told["one.md", "beta"]["cached"]
    assert told["one.md", "beta"]["date"] == date
    assert not told["one.md", "alpha"]["committed"]
    output = book.passes("run", "--junit", str(book.root / "junit.xml"))
    assert "2 results of" in output.splitlines()[-1]
    properties = xml.parse(book.root / "junit.xml").iter("property")
    found = {one.get("name"): one.get("value") for one in properties}
    assert found["one.md: committed"] == f"{date}, not run on this machine"
    assert book.bookkit("explain", "one.md")[1].splitlines()[-1] == (
        f"one.md [beta]: committed {date} ({book.root / 'kept' / 'beta'}), "
        f"this machine cannot run it ({REASON})"
    )


def test_when_a_tab_cannot_run_then_it_has_no_kernel_and_no_notebook_to_run(book):
    lab = book.root / "_build" / "lab"
    write = ("notebooks", "--kernels", str(lab))
    specs = book.root / "_build" / "jupyter" / "kernels"
    book.passes(*write)
    assert len(list(lab.rglob("*.ipynb"))) == 6
    assert len(list(specs.iterdir())) == 2
    book.lose_beta()
    kernelspecs.write_all(load(book.root))
    assert [path.name for path in specs.iterdir()] == ["faulty-alpha"]
    book.entries["one.md"].unlink()  # which does not matter to who is left out
    output = book.passes(*write)
    assert output.splitlines()[-1] == (
        f"beta: left out, this machine has no kernel for it ({REASON})"
    )
    assert {path.relative_to(lab).parts[0] for path in lab.rglob("*.ipynb")} == {
        "alpha"
    }


def test_when_there_is_no_result_then_check_and_run_say_what_to_do(book):
    book.lose_beta()
    book.entries["one.md"].unlink()
    finding = (
        "one.md:6 [beta]: BK601 no result of it is committed\n"
        "  expected: a result of this code in kept/beta: "
        f"this machine cannot run it ({REASON})\n"
        "  next: `bookkit build` on a machine that has Beta, and commit what it "
        "writes; or here, leave the tab out: bookkit --tabs alpha build\n"
    )
    for command in ("check", "build"):
        status, output = book.bookkit(command)
        assert status == 1 and finding in output, output
        assert "1 error in the sources; nothing was run" in output
    status, output = book.bookkit("run", "--again")
    assert status == 1 and finding in output, output
    assert output.count("passed ") >= 2 and "not committed" in output
    book.passes("--tabs", "alpha", "build")


def test_when_code_changed_then_the_cell_and_the_last_result_are_named(book):
    book.lose_beta()
    found = read(book.entries["one.md"]).result
    book.change("6 * 7", "6 * 8")
    status, output = book.bookkit("check")
    assert status == 1
    python = ".".join(found.versions["python"].split(".")[:2])
    assert output.startswith(
        "one.md:11 [beta]: BK601 changed since the committed result of "
        f"{found.date} (Beta 2.0.9): cell 2 (one.md:11)\n"
    )
    assert f"has Beta (the last result: Python {python}), and commit" in output
    _, output = book.bookkit("explain", "one.md")
    head = f"one.md [beta]: no committed result, this machine cannot run it ({REASON})"
    assert head in output
    assert "cell 2 (one.md:11)" in output.splitlines()[-1]
    book.regain_beta()
    book.passes("check")
    output = book.passes("build")
    assert "1 written, 1 deleted" in output, output
    book.lose_beta()
    book.passes("check")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (damage, "it was altered since it was written"),
        (cut, "Unterminated string"),
        (lambda path: path.write_text("[]"), "it is no result"),
        (lambda path: path.write_text('{"format": 9}'), "its format is 9, not 1"),
        (lambda path: path.write_text('{"format": 1}'), "it was altered since"),
        (lambda path: path.write_bytes(b"\xff"), "codec can't decode"),
    ],
    ids=["altered", "cut", "list", "future", "empty", "bytes"],
)
def test_when_a_file_is_damaged_then_that_is_a_finding(book, spoil, told):
    book.lose_beta()
    path = book.entries["one.md"]
    book.passes("check")
    spoil(path)
    name = f"kept/beta/{path.name}"
    for command in ("check", "build"):
        status, output = book.bookkit(command)
        assert status == 1 and "Traceback" not in output, output
        assert f"{name}:1 [beta]: BK601 the committed result of one.md" in output
        assert told in output
        assert f"next: git restore {name}; or `bookkit build` on a machine" in output


def test_when_a_file_bears_the_name_of_other_code_then_it_is_not_used(book):
    book.lose_beta()
    one, two = book.entries["one.md"], book.entries["two.md"]
    one.write_text(two.read_text())
    assert "it belongs to other code than its name says" in book.bookkit("check")[1]


def test_when_a_file_is_altered_and_sealed_anew_then_it_is_believed(book):
    book.lose_beta()
    path = book.entries["one.md"]
    content = json.loads(path.read_text().replace('"42"', '"forged"'))
    del content["sha256"]
    path.write_text(json.dumps(seal(content, content["format"])))
    book.passes("build")
    page = book.root / "_build" / "html" / "one.html"
    assert "forged" in page.read_text(encoding="utf-8")
    notebook = book.root / "_build" / "notebooks" / "beta" / "one.ipynb"
    assert "forged" in notebook.read_text(encoding="utf-8")
