"""One JSON document, and nothing else on stdout: of whatever becomes of a command."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from faulty_books import (
    CONFIG,
    SITE_CONFIG,
    Book,
    hear_interrupts,
    interrupt,
    wait_until,
)

#: Cells whose children write to the file descriptors that they have.
NOISY = """\
import os, subprocess, sys
os.system('echo from a shell')
subprocess.run([sys.executable, '-c', 'print("from a child")'])
os.write(1, b'from the kernel\\n')
os.fork() or (os.write(1, b'from a fork\\n'), os._exit(0))
subprocess.Popen('sleep 1; echo late', shell=True)
6 * 7
"""
KEYS = ["format", "bookkit", "command", "exit_code", "error"]


def start(book: Book, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bookkit", "--root", str(book.root), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=book.root,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )


def document(book: Book, *arguments: str) -> tuple[dict[str, Any], str]:
    """Run a command; return all of its stdout as JSON, and its stderr."""
    process = start(book, *arguments)
    stdout, stderr = process.communicate(timeout=300)
    found: dict[str, Any] = json.loads(stdout)
    assert list(found)[: len(KEYS)] == KEYS
    assert found["exit_code"] == process.returncode
    return found, stderr


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("noisy")
    return Book(folder, {"noisy": NOISY, "bad": "1 / 0"}, SITE_CONFIG)


def test_when_children_of_cells_write_then_stdout_is_json_alone(noisy):
    found, stderr = document(noisy, "run", "--json", "noisy.md")
    assert (found["command"], found["exit_code"], found["error"]) == ("run", 0, None)
    (row,) = found["notebooks"]
    assert (row["section"], row["status"]) == ("noisy.md", "passed")
    assert "noisy.md" in stderr and "passed" in stderr  # the table is for people


def test_when_kernels_are_spawned_then_stdout_is_json_alone(noisy):
    found, _ = document(noisy, "run", "--again", "--spawn", "--json", "noisy.md")
    assert [row["cached"] for row in found["notebooks"]] == [False]


def test_when_a_notebook_fails_then_json_says_what_and_why(noisy):
    found, stderr = document(noisy, "run", "--json")
    assert found["exit_code"] == 1
    assert found["error"]["kind"] == "book"
    assert found["error"]["message"] == "1 of 2 notebooks failed, told above"
    assert "bad.md:7 [alpha]: ZeroDivisionError" in found["error"]["shown"][0]
    assert [row["status"] for row in found["notebooks"]] == ["passed", "raised"]
    assert "error: 1 of 2 notebooks failed" in stderr


def test_when_sphinx_speaks_then_stdout_is_json_alone(noisy):
    found, stderr = document(noisy, "-v", "build", "--json")
    assert found["command"] == "build" and found["error"]["kind"] == "book"
    assert len(found["notebooks"]) == 2
    assert [row["code"] for row in found["findings"]] == ["BK405"]
    assert "Sphinx" in stderr and "Site: " in stderr
    assert (noisy.root / "_build" / "html" / "noisy.html").is_file()


def test_when_json_goes_to_a_file_then_people_read_the_rest(noisy):
    process = start(noisy, "explain", "--json", "told.json", "noisy.md")
    stdout, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert stdout.startswith("noisy.md [alpha]: kept, passed")
    found = json.loads((noisy.root / "told.json").read_text())
    assert [row["kept"] for row in found["notebooks"]] == [True]


def test_when_a_section_follows_then_it_is_no_file_to_write(noisy):
    before = (noisy.root / "noisy.md").read_text()
    found, _ = document(noisy, "explain", "--json", "noisy.md")
    assert [row["section"] for row in found["notebooks"]] == ["noisy.md"]
    process = start(noisy, "check", "--json=noisy.md")
    assert "no source of the book" in process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert (noisy.root / "noisy.md").read_text() == before


def test_when_check_finds_something_then_json_has_each_finding(tmp_path):
    config = CONFIG.replace("[bookkit]\n", "[bookkit]\nlevels = BK403 error\n")
    book = Book(tmp_path, {"one": "x = 1  # " + "w" * 90, "two": "(\t1)"}, config)
    found, stderr = document(book, "check", "--json")
    assert found["exit_code"] == 1 and found["error"]["kind"] == "book"
    rows = [(row["code"], row["level"], row["path"]) for row in found["findings"]]
    assert rows == [("BK403", "error", "one.md"), ("BK402", "style", "two.md")]
    assert (found["known"], found["gone"], found["notices"]) == (0, 0, [])
    assert "one.md:7: BK403" in stderr


#: Words of a command line, and what is wrong with them.
WRONG = {
    ("run", "--json", "--jobs", "many"): "usage",
    ("run", "--jsn", "--json"): "usage",
    ("check", "--json", "-", "--write-base-line"): "usage",
    ("--tabs", "beta", "explain", "--json"): "usage",
    ("run", "--json", "gone.md"): "usage",
}


@pytest.mark.parametrize("words", WRONG)
def test_when_the_words_are_wrong_then_json_says_so(tmp_path, words):
    found, stderr = document(Book(tmp_path, {"one": "1"}), *words)
    assert (found["exit_code"], found["error"]["kind"]) == (2, WRONG[words])
    assert found["error"]["message"].splitlines()[0] in stderr


@pytest.mark.parametrize("command", ["run", "check", "explain", "build"])
def test_when_the_config_is_bad_then_json_says_so(tmp_path, command):
    book = Book(tmp_path, {"one": "1"})
    (book.root / "config.ini").write_text("[bookkit]\nno_such_key = 1\n")
    found, _ = document(book, command, "--json")
    assert (found["exit_code"], found["error"]["kind"]) == (2, "config")
    assert "unknown key in [bookkit] `no_such_key`" in found["error"]["message"]


def test_when_an_environment_is_missing_then_json_says_so(tmp_path):
    found, _ = document(
        Book(tmp_path, {"one": "1"}, without=["alpha"]), "run", "--json"
    )
    assert (found["exit_code"], found["error"]["kind"]) == (2, "environment")


@pytest.mark.parametrize("target", [(), ("told.json",)])
def test_when_it_is_interrupted_then_json_has_what_had_ended(tmp_path, target):
    wait = "import pathlib, time\npathlib.Path({!r}).touch()\ntime.sleep(25)"
    cells = {"one": "6 * 7", "slow": wait.format(str(tmp_path / "here"))}
    book = Book(tmp_path / "book", cells)
    process = start(book, "run", "-j", "1", "--json", *target)
    last = book.root / "_build" / "cache" / "last-parts.json"
    assert wait_until(lambda: (tmp_path / "here").exists(), 60)
    interrupt(process)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    text = (book.root / target[0]).read_text() if target else stdout
    found = json.loads(text)
    assert (found["exit_code"], found["error"]["kind"]) == (130, "interrupted")
    ended = [row["section"] for row in found["notebooks"]]
    assert ended == (["one.md"] if last.exists() else [])
    assert "interrupted" in stderr


def test_when_the_file_cannot_be_then_nothing_is_run(tmp_path):
    book = Book(tmp_path, {"one": "1"})
    for name in ("no/such/told.json", "one.md", ".", "/dev/null"):
        process = start(book, "run", f"--json={name}")
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 2 and f"`{name}`" in stderr, stderr
    assert not (book.root / "_build" / "run").exists()
    assert Path("/dev/null").is_char_device()


def test_when_nobody_reads_it_then_there_is_no_traceback(tmp_path):
    book = Book(tmp_path, {"one": "1"})
    process = start(book, "explain", "--json")
    assert process.stdout and process.stderr
    process.stdout.close()
    with process.stderr:
        assert "Traceback" not in process.stderr.read()
    assert process.wait(60) == 0


def test_when_half_a_character_is_printed_then_json_can_be_read(tmp_path):
    book = Book(tmp_path, {"one": "print('\\udc80', flush=True)\n1 / 0"})
    found, _ = document(book, "run", "--json")
    assert found["notebooks"][0]["status"] == "raised"
    assert os.path.exists(book.root / "_build" / "report.json")
