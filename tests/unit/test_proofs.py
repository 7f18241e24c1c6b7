"""`make test` leaves out what passed before, and nothing else."""

import functools
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from proofs import digests

PLUGIN = Path(__file__).resolve().parents[1] / "proofs.py"
FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p no:cacheprovider'\n",
    "tests/shared.py": "",
    "tests/site/test_s.py": "def test_one(): pass\ndef test_two(): assert False\n",
    "tests/functional/test_f.py": (
        "import pytest\ndef test_one(): pass\ndef test_two(): pytest.skip('cannot')\n"
    ),
    "tests/claims/test_c.py": "def test_one(): pass\n",
    "tests/parity/test_p.py": "def test_one(): open('tests/parity/x', 'a').write('x')",
    "tests/new/test_u.py": "def test_one(): pass\n",
}
ALL = {"s1", "s2", "f1", "f2", "c1", "p1", "u1"}
#: What did not pass, what changed what it reads, and what the plugin does not know.
AGAIN = {"s2", "f2", "p1", "u1"}


def prove(
    project: Path, *options: str, what: str = "tests", **settings: str
) -> tuple[str, int]:
    """Return what pytest told, and its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "tests.proofs", *options, what],
        cwd=project,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        # A shell's background process ignores Ctrl-C
        preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    return done.stdout, done.returncode


def ran(project: Path, *options: str, what: str = "tests") -> set[str]:
    return ran_in(prove(project, *options, what=what)[0])


def ran_in(told: str) -> set[str]:
    """Return the tests that ran, e.g. `s1`; workers name the outcome first."""
    names = re.findall(r"^(?:\[.*ED )?tests/\w+/test_(\w).py::test_(\w+)", told, re.M)
    return {file + {"one": "1", "two": "2"}[test] for file, test in names}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(PLUGIN, tmp_path / "tests")
    return tmp_path


def test_when_a_test_passed_and_nothing_changed_then_it_is_left_out(project):
    workers = ("-n", "2", "--dist", "loadfile", "-p", "no:nbval")
    assert ran(project, *workers) == ALL
    (project / "tests" / "claims" / "test_c.py").write_text("def test_two(): pass")
    (record,) = (project / "_build" / "proofs").rglob("site.json")
    record.write_text('{"digest', encoding="utf-8")  # damaged, proves nothing
    assert ran(project, *workers) == AGAIN | {"c2", "s1"}
    told, _ = prove(project, *workers)
    assert ran_in(told) == AGAIN
    assert "3 left out: passed before" in told
    told, code = prove(project, what="tests/claims")
    assert (ran_in(told), code) == (set(), 0)  # nothing to run is no error
    assert ran(project, "--again", what="tests/claims") == {"c2"}


def test_when_a_test_was_interrupted_or_failed_since_then_it_runs_again(project):
    (project / "tests" / "functional" / "test_f.py").write_text(
        "import os\n"
        "def test_one(): assert 'BROKEN' not in os.environ\n"
        "def test_two():\n    if 'STOP' in os.environ: raise KeyboardInterrupt\n"
    )
    functional = "tests/functional"  # by one process, which hears of itself
    assert prove(project, what=functional, STOP="1")[1] == pytest.ExitCode.INTERRUPTED
    assert ran(project, what=functional) == {"f2"}
    assert prove(project, "--again", what=functional, BROKEN="1")[1] == 1
    assert ran(project, what=functional) == {"f1"}


@pytest.mark.parametrize(
    ("path", "again"),
    [
        ("README.md", set()),
        ("chapter_one/index.md", {"site", "claims"}),
        ("bookkit/src/bookkit/x.py", {"functional", "site", "claims"}),
        ("bookkit/src/bookkit/site/x.py", {"functional", "site"}),
        ("tests/shared.py", {"functional", "site", "claims"}),
        ("tests/claims/words.py", {"claims"}),
        ("tests/d2l_checks/x.py", {"functional", "site", "claims"}),
        ("_build/html/index.html", {"site"}),
        (".envs/build/bookkit.json", {"functional", "site", "claims"}),
        (".envs/beta.unavailable", {"functional", "site", "claims"}),
        (
            ".envs/build/lib/python3.11/site-packages/x-1.dist-info/RECORD",
            {"functional", "site", "claims"},
        ),
        ("kept/beta/0123456789abcdef.json", {"site"}),
        ("a_file_nobody_thought_of.txt", {"functional", "site", "claims"}),
    ],
)
def test_when_a_file_changes_then_what_may_read_it_is_no_longer_proven(
    project, path, again
):
    before = digests(project)
    assert before == digests(project)
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).write_text("# changed", encoding="utf-8")
    after = digests(project)
    groups = {one: f"tests/{one}/" for one in ("functional", "site", "claims")}
    changed = {one for one in groups if after[groups[one]] != before[groups[one]]}
    assert changed == again


def test_when_other_tabs_are_asked_for_then_nothing_is_proven(project, monkeypatch):
    before = digests(project)
    monkeypatch.setenv("TABS", "another")
    after = digests(project)
    assert [group for group in after if after[group] == before[group]] == []


def test_when_a_cell_does_not_pass_then_its_whole_notebook_runs_again(project):
    path = project / "_build" / "nbval" / "a.ipynb"
    path.parent.mkdir(parents=True)

    def told_of(*texts: str) -> str:
        cells = [nbformat.v4.new_code_cell(text, id=text[0]) for text in texts]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python"}
        nbformat.write(notebook, path)
        return prove(project, "--nbval-lax", what="_build/nbval")[0]

    for end in ("assert x == 2", "os.kill(os.getppid(), 2)"):
        assert "1 passed" in told_of("import os; x = 1", end)
        again = told_of("import os; x = 1", end)
        assert "1 passed" in again and "left out" not in again
    assert "2 passed" in told_of("import os; x = 1", "assert x == 1")
    assert "2 left out" in told_of("import os; x = 1", "assert x == 1")
