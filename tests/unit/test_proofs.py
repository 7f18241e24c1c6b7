"""`make test` leaves out what passed before, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from proofs import Inputs

PLUGIN = Path(__file__).resolve().parents[1] / "proofs.py"
ONE = "def test_one(): pass\n"
#: A book with a test in each group that this file speaks of.
FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p no:cacheprovider'\n",
    "README.md": "",
    "chapter_one/index.md": "",
    "bookkit/src/bookkit/x.py": "",
    "bookkit/src/bookkit/site/x.py": "",
    ".envs/build/bookkit.json": "{}",
    "_build/html/index.html": "",
    "tests/shared.py": "",
    "tests/functional/test_f.py": ONE,
    "tests/site/test_s.py": ONE,
    "tests/claims/test_c.py": ONE,
    "tests/unit/test_u.py": ONE,
}
ALL = {"f", "s", "c", "u"}
PACKAGES = ".envs/build/lib/python3.11/site-packages"


Ran = tuple[set[str], int, str]


def prove(project: Path, *options: str, what: str = "tests", **settings: str) -> Ran:
    """Return the files whose tests ran, the exit code and what was told."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "tests.proofs", *options, what],
        cwd=project,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings},
    )
    # By itself pytest names the file first, with several processes the outcome
    ran = re.findall(r"^(?:\[.*ED )?tests/\w+/test_(\w)\.py", done.stdout, re.MULTILINE)
    return set(ran), done.returncode, done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(PLUGIN, tmp_path / "tests")
    return tmp_path


@pytest.fixture(scope="module")
def proven_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proven")
    ran = prove(project.__wrapped__(folder))
    assert ran[:2] == (ALL, 0), ran[2]
    return folder


@pytest.fixture
def proven(proven_once: Path, tmp_path: Path) -> Path:
    """Return a project of which all was run."""
    return Path(shutil.copytree(proven_once, tmp_path / "again"))


def test_when_nothing_changed_then_only_tests_that_read_all_run_again(
    proven: Path,
) -> None:
    ran, code, told = prove(proven)
    assert (ran, code) == ({"u"}, 0)
    assert "3 left out: passed before" in told
    assert prove(proven, "--again")[0] == ALL


def test_when_several_processes_share_the_tests_then_they_leave_out_the_same(
    project: Path,
) -> None:
    shutil.rmtree(project / "tests" / "unit")
    processes = ("-n", "2", "--dist", "loadfile")
    assert prove(project, *processes)[:2] == (ALL - {"u"}, 0)
    ran, code, told = prove(project, *processes)
    assert (ran, code) == (set(), 0)  # and nothing to run is no error
    assert "3 left out" in told
    assert prove(project, *processes, "--again")[0] == ALL - {"u"}


@pytest.mark.parametrize(
    ("path", "again"),
    [
        ("README.md", set()),
        ("chapter_one/index.md", {"site", "claims"}),
        ("bookkit/src/bookkit/x.py", {"functional", "site", "claims"}),
        ("bookkit/src/bookkit/site/x.py", {"functional", "site"}),
        ("tests/shared.py", {"functional", "site", "claims"}),
        ("tests/claims/words.py", {"claims"}),
        ("_build/html/index.html", {"site"}),
        (".envs/build/bookkit.json", {"functional", "site", "claims"}),
        (".envs/beta.unavailable", {"functional", "site", "claims"}),
        (f"{PACKAGES}/x-1.dist-info/RECORD", {"functional", "site", "claims"}),
        ("kept/beta/0123456789abcdef.json", {"site"}),
        ("a_file_nobody_thought_of.txt", {"functional", "site", "claims"}),
    ],
)
def test_when_a_file_changes_then_what_may_read_it_is_no_longer_proven(
    project: Path, path: str, again: set[str]
) -> None:
    def digests() -> dict[str, str | None]:
        inputs = Inputs(project)
        groups = ("functional", "site", "claims")
        return {
            one: inputs.digest_of(f"tests/{one}/test_x.py::test_y") for one in groups
        }

    before = digests()
    assert before == digests()
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("# changed", encoding="utf-8")
    after = digests()
    assert {one for one in after if after[one] != before[one]} == again


def test_when_a_tested_file_changes_then_its_tests_run_again(proven: Path) -> None:
    (proven / "tests" / "claims" / "test_c.py").write_text(f"# changed\n{ONE}")
    assert prove(proven)[0] == {"u", "c"}


def test_when_other_tabs_are_asked_for_then_all_runs_again(proven: Path) -> None:
    assert prove(proven, TABS="pytorch")[0] == ALL


@pytest.mark.parametrize(
    "body", ["assert False", "import pytest; pytest.skip('cannot')"]
)
def test_when_a_test_did_not_pass_then_it_runs_again(project: Path, body: str) -> None:
    test = project / "tests" / "functional" / "test_f.py"
    test.write_text(f"def test_one(): {body}\ndef test_two(): pass\n")
    prove(project)
    ran, code, told = prove(project)
    assert (ran, code) == ({"f", "u"}, int(body == "assert False"))
    assert "3 left out" in told  # the second of the file, too


def test_when_a_file_changes_under_a_test_then_it_is_not_proven(project: Path) -> None:
    test = project / "tests" / "functional" / "test_f.py"
    test.write_text("def test_one(): open('config.ini', 'a').write('.')\n")
    assert prove(project)[0] == ALL
    assert prove(project)[0] == ALL


def test_when_a_record_is_damaged_then_it_proves_nothing(proven: Path) -> None:
    (record,) = (proven / "_build" / "proofs").rglob("test_f.py.json")
    record.write_text('{"tests/functional', encoding="utf-8")
    assert prove(proven)[0] == {"f", "u"}


def test_when_a_cell_fails_then_its_whole_notebook_runs_again(project: Path) -> None:
    path = project / "_build" / "nbval" / "a.ipynb"
    path.parent.mkdir()

    def told_of(last_cell: str) -> str:
        texts = ("x = 1", last_cell)
        cells = [nbformat.v4.new_code_cell(text, id=text[0]) for text in texts]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python"}
        nbformat.write(notebook, path)
        return prove(project, "--nbval-lax", what="_build/nbval")[2]

    assert "1 failed, 1 passed" in told_of("assert x == 2")
    assert "1 failed, 1 passed" in told_of("assert x == 2")
    assert "2 passed" in told_of("assert x == 1")
    assert "2 left out" in told_of("assert x == 1")
