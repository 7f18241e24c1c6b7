"""Books with cells that fail or are not run: their site, notebooks and exit codes."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from faulty_books import SITE_CONFIG, Book, told

CELLS = {
    "good": "6 * 7",
    "bad": "print('one')\n---\n1 / 0\n---\n'never'",
    "skip": "6 * 6\n---\n#@no-run\nimport no_such_module\n---\n3 + 4",
    "may": "# raises-exception\nint('x')\n---\n#@raises-exception\nint('y')\n---\n'on'",
    "sect": "open('/no/such/file')\n---\n'sect goes on'",
    "off": "raise SystemExit",
}
DECLARED = "cell_output_limit_kb = 64\nallow_errors = sect.md\nno_run = alpha:off.md\n"
CONFIG = SITE_CONFIG.replace("cell_output_limit_kb = 64\n", DECLARED)
SKIPPED = "This code was not run when the book was built."
DECLARED_OFF = "The code on this page was not run when the book was built."
ENDED = "The run ended here. The code below was not run."


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, int, str]:
    book = Book(tmp_path_factory.mktemp("built"), CELLS, CONFIG)
    return book, *book.bookkit("build")


def page(book: Book, name: str) -> str:
    text = (book.root / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")
    return re.sub(r"<[^>]+>", "", text)


def cells(book: Book, name: str, folder: str = "_build/notebooks") -> list[Any]:
    path = book.root / folder / "alpha" / f"{name}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def texts(cell: Any) -> list[str]:
    return ["".join(o.get("data", {}).get("text/plain", "")) for o in cell["outputs"]]


def test_when_a_notebook_fails_then_every_page_is_made_and_the_code_is_1(built):
    book, status, output = built
    assert status == 1, output
    assert "error: 1 of 6 notebooks failed" in output
    for name in CELLS:
        assert f"{name}" in page(book, name)
    assert "42" in page(book, "good")
    rows = dict(re.findall(r"│ (\w+)\.md +│ +(.*?) +│", output))
    times = {name: re.sub(r"\d+\.\d s", "N s", row) for name, row in rows.items()}
    assert times == {
        "good": "passed N s",
        "bad": "raised, line 12",
        "skip": "passed N s",
        "may": "passed N s, 2 errors",
        "sect": "passed N s, 1 error",
        "off": "not run",
    }
    assert output.count("bad.md:12 [alpha]: ZeroDivisionError") == 1
    assert "Not run, as declared by no_run in config.ini: 1 notebook\n" in output


def test_when_a_notebook_fails_then_its_page_says_how_far_it_came(built):
    shown = page(built[0], "bad")
    ran, _, rest = shown.partition("ZeroDivisionError: division by zero")
    assert "one" in ran
    assert ENDED in rest and "never" in rest
    assert "Verified" not in shown
    first, second, third = cells(built[0], "bad")
    assert first["outputs"][0]["text"] == ["one\n"]
    assert [o["output_type"] for o in second["outputs"]] == ["error", "display_data"]
    assert (third["outputs"], third["execution_count"]) == ([], None)


def test_when_a_cell_may_raise_then_its_traceback_shows_and_the_next_runs(built):
    shown = page(built[0], "may")
    assert "with base 10: 'x'" in shown and "with base 10: 'y'" in shown
    assert "'on'" in shown and "raises-exception" not in shown
    for cell in cells(built[0], "may")[:2]:
        assert cell["metadata"]["tags"] == ["raises-exception"]
        assert [o["output_type"] for o in cell["outputs"]] == ["error"]


def test_when_a_section_may_fail_then_what_failed_is_tagged(built):
    failed, ran = cells(built[0], "sect")
    assert failed["metadata"]["tags"] == ["raises-exception"]
    assert "tags" not in ran["metadata"]
    assert texts(ran) == ["'sect goes on'"]


def test_when_a_cell_is_not_to_run_then_readers_are_told(built):
    assert SKIPPED in page(built[0], "skip")
    assert "import no_such_module" in page(built[0], "skip")
    assert "no-run" not in page(built[0], "skip")
    before, skipped, after = cells(built[0], "skip")
    assert (texts(before), texts(skipped), texts(after)) == (["36"], [SKIPPED], ["7"])
    assert skipped["metadata"]["tags"] == ["skip-execution", "nbval-skip"]
    assert skipped["execution_count"] is None


def test_when_a_section_is_not_to_run_then_its_page_says_so_once(built):
    assert page(built[0], "off").count(DECLARED_OFF) == 1
    (cell,) = cells(built[0], "off")
    assert cell["metadata"]["tags"] == ["skip-execution", "nbval-skip"]


def test_when_the_build_failed_then_the_next_one_tells_it_again_without_a_run(built):
    book, _, _ = built
    status, output = book.bookkit("build")
    assert status == 1
    assert "Nothing to do" not in output
    assert "kept from the last run" in output
    assert output.count("bad.md:12 [alpha]: ZeroDivisionError") == 1
    assert "Notebooks run: 0 of 6; pages made: 0" in output


def test_when_nbval_runs_the_notebooks_then_it_agrees_with_the_build(built):
    book, _, _ = built
    status, _ = book.bookkit("notebooks", str(book.root / "nbval"), "--kernels")
    assert status == 1
    (book.root / "empty.ini").write_text("[pytest]\n")
    jupyter = book.root / "_build" / "jupyter"
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-c", "empty.ini", "nbval"],
        cwd=book.root,
        env={"PATH": "/usr/bin:/bin", "JUPYTER_PATH": str(jupyter)},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "1 failed, 10 passed, 2 skipped" in found, found
    assert "bad.ipynb::Cell 1" in found


def test_when_the_cell_is_mended_then_the_build_is_good_again(tmp_path):
    book = Book(tmp_path, {"good": "6 * 7", "bad": "1 / 0"}, SITE_CONFIG)
    assert book.bookkit("build")[0] == 1
    book.write("bad", "1 / 1")
    output = book.passes("build")
    assert "Notebooks run: 1 of 2; pages made: 1 (bad.md)" in output
    assert "1.0" in page(book, "bad") and "ended" not in page(book, "bad")
    assert "Nothing to do" in book.passes("build")


def test_when_nothing_is_to_be_evaluated_then_no_kernel_is_needed(tmp_path):
    config = SITE_CONFIG.replace("[build]\n", "[build]\neval_notebook = False\n")
    book = Book(tmp_path, {"one": "1 / 0", "two": "2"}, config, without=["alpha"])
    output = book.passes("build")
    assert (
        "Not run, as declared by eval_notebook in config.ini: 2 notebooks\n" in output
    )
    assert "1 / 0" in page(book, "one") and DECLARED_OFF in page(book, "one")
    assert "Nothing to do" in book.passes("build")
    assert "not run, as declared by eval_notebook" in book.passes("explain")


def test_when_a_tab_is_not_to_run_then_the_others_do(tmp_path):
    book = Book(tmp_path, {"one": "6 * 7"}, SITE_CONFIG, ("alpha", "beta"), ["beta"])
    config = book.root / "config.ini"
    config.write_text(config.read_text() + "run = false\n")
    output = book.passes("build")
    assert "declared by run in [bookkit-beta] of config.ini: 1 notebook\n" in output
    assert "Notebooks run: 1 of 2" in output
    junit = book.root / "junit.xml"
    book.passes("run", "--junit", str(junit))
    assert 'message="declared not to be run"' in junit.read_text()
    output = book.passes("notebooks", str(book.root / "nbval"), "--kernels")
    assert "beta: left out, this machine has no kernel for it (declared" in output


#: An edit of what is declared, and whether its notebook runs again for it.
EDITS = [
    ("allow_errors = sect.md\n", "allow_errors = sect.md off.md\n", False),
    ("#@no-run\n", "", True),
    ("# raises-exception\nint('x')", "int('1')", True),
    ("no_run = alpha:off.md\n", "", True),
    ("deprecations = show\n", "", False),
]


def test_when_what_is_declared_changes_then_that_notebook_alone_runs(tmp_path):
    config = CONFIG.replace("no_run =", "deprecations = show\nno_run =")
    book = Book(tmp_path, CELLS, config)
    book.bookkit("run")
    for old, new, runs in EDITS:
        texts = {path: path.read_text() for path in tmp_path.glob("*.[im][nd]*")}
        assert sum(old in text for text in texts.values()) == 1, old
        for path, text in texts.items():
            path.write_text(text.replace(old, new))
        rows = told(book.bookkit("run", "--json")[1])["notebooks"]
        ran = [row["section"] for row in rows if not row["cached"]]
        assert len(ran) == runs, (old, ran)


def test_when_what_failed_is_not_of_the_book_then_it_is_tried_again(tmp_path):
    outside = tmp_path / "outside"
    code = f"open({str(outside)!r}).read()"
    book = Book(tmp_path / "book", {"data": code, "own": "1 / 0"})
    status, output = book.bookkit("run")
    assert status == 1
    assert "not kept: the book is not the cause" in output
    outside.write_text("there it is")
    status, output = book.bookkit("run")
    assert status == 1
    assert re.search(r"data\.md +│ +passed", output), output
    assert "kept from the last run" in output
    assert "own.md:7 [alpha]: ZeroDivisionError" in output


def test_when_config_names_no_section_then_the_nearest_is_told(tmp_path):
    config = SITE_CONFIG.replace("[bookkit]\n", "[bookkit]\nno_run = god.md\n")
    status, output = Book(tmp_path, {"good": "6 * 7"}, config).bookkit("run")
    assert status == 2
    assert "config.ini: [bookkit] no_run: no section is called `god.md`" in output
    assert "expected: perhaps `good.md`" in output


def test_when_a_cell_is_warned_then_it_passes_unless_the_book_is_strict(tmp_path):
    code = "import warnings\nwarnings.warn('old', DeprecationWarning)"
    book = Book(tmp_path, {"one": code})
    book.passes("run")
    config = book.root / "config.ini"
    text = config.read_text().replace(
        "[bookkit]\n", "[bookkit]\ndeprecations = error\n"
    )
    config.write_text(text)
    status, output = book.bookkit("run")
    assert status == 1
    assert "one.md:8 [alpha]: DeprecationWarning: old" in output
