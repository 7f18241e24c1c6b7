"""Environments that are missing, half-made, stale, or cannot be made."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_books import CONFIG, ROOT, hear_interrupts, processes_with, wait_until

from bookkit.config import load
from bookkit.environments import build_environment, check_python, environment_of
from bookkit.errors import EnvironmentFailure

#: Nothing outside this machine is asked, whatever pip is configured to.
ALONE = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_RETRIES": "1",
    "PIP_NO_CACHE_DIR": "1",
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a book whose only tab asks for nothing, with the real build tools."""
    (tmp_path / "config.ini").write_text(CONFIG + "preload = json\n")
    (tmp_path / "index.md").write_text("# Empty\n")
    (tmp_path / "envs").mkdir()
    shutil.copyfile(ROOT / "envs" / "build.txt", tmp_path / "envs" / "build.txt")
    ask_for(tmp_path, "ipykernel==0.0.0")
    (tmp_path / ".envs").mkdir()
    (tmp_path / ".envs" / "build").symlink_to(ROOT / ".envs" / "build")
    return tmp_path


def ask_for(book: Path, *pins: str) -> None:
    """Write the lock of the tab."""
    (book / "envs" / "alpha.txt").write_text("\n".join(pins) + "\n")


def wheel(book: Path) -> str:
    """Write the wheel that the lock asks for; return the folder it lies in."""
    folder = book / "wheels"
    folder.mkdir()
    facts = "ipykernel-0.0.0.dist-info/"
    files = {
        "ipykernel/__init__.py": "",
        "ipykernel/kernelapp.py": "",
        f"{facts}METADATA": "Metadata-Version: 2.1\nName: ipykernel\nVersion: 0.0.0",
        f"{facts}WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any",
        f"{facts}RECORD": "",
    }
    with zipfile.ZipFile(folder / "ipykernel-0.0.0-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return str(folder)


def start(book: Path, **variables: str) -> subprocess.Popen[str]:
    """Start making environments, as the Makefile does."""
    return subprocess.Popen(
        [sys.executable, "-m", "bookkit.environments", "--root", str(book)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **ALONE, **variables},
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )


def make(book: Path, **variables: str) -> tuple[int, str]:
    """Make environments; return exit code and output."""
    process = start(book, **variables)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


@pytest.fixture
def silent_index() -> Iterator[str]:
    """Return the address of an index on this machine that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/simple"


@pytest.fixture
def no_index() -> str:
    """Return the address of an index that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}/simple"


def test_when_there_is_no_network_then_it_is_said_and_the_environment_is_half_made(
    book: Path, no_index: str
) -> None:
    status, output = make(book, PIP_INDEX_URL=no_index)
    assert status == 2, output
    assert "environment alpha: no network" in output
    assert "alpha.log" in output
    assert "then the same command again" in output
    alpha = environment_of(load(book).tab("alpha"))
    assert alpha.state() == "half-made"
    status, output = make(book, PIP_NO_INDEX="1", PIP_FIND_LINKS=wheel(book))
    assert (status, alpha.state()) == (0, "fresh"), output
    assert make(book) == (0, "")
    ask_for(book, "something==1")
    assert alpha.state() == "stale"


def test_when_interrupted_then_pip_ends_too_and_the_next_one_starts_over(
    book: Path, silent_index: str
) -> None:
    process = start(book, PIP_INDEX_URL=silent_index)
    log = book / ".envs" / "alpha.log"
    assert wait_until(lambda: processes_with("pip-runner") and log.exists(), 60)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 130, output
    assert "interrupted; `make` continues where this stopped" in output
    assert "Traceback" not in output
    assert wait_until(lambda: not processes_with(str(book / ".envs")), 5)
    assert environment_of(load(book).tab("alpha")).state() == "half-made"


def test_when_the_real_environments_are_asked_then_they_are_fresh() -> None:
    config = load(ROOT)
    assert build_environment(config).state() == "fresh"


def test_when_python_is_too_new_then_the_tab_and_two_ways_out_are_named() -> None:
    config = load(ROOT)
    with pytest.raises(EnvironmentFailure) as caught:
        check_python(config, (3, 13))
    text = str(caught.value)
    assert (
        "tab mxnet: Python 3.13 is too new for MXNet (the framework is frozen" in text
    )
    assert "make PYTHON=python3.11" in text
    assert "make TABS=pytorch,tensorflow,paddle" in text
    check_python(load(ROOT, ["pytorch"]), (3, 13))


def test_when_python_is_too_old_then_it_is_said() -> None:
    with pytest.raises(EnvironmentFailure, match="this is Python 3.10"):
        check_python(load(ROOT), (3, 10))


@pytest.mark.parametrize("state", ["missing", "half-made", "stale"])
def test_when_a_run_needs_an_environment_then_its_state_and_the_remedy_are_told(
    book: Path, state: str
) -> None:
    folder = book / ".envs" / "alpha"
    if state != "missing":
        (folder / "bin").mkdir(parents=True)
    if state == "stale":
        (folder / "bin" / "python").touch()
        (folder / "bookkit.json").write_text(json.dumps({"lock": "other"}))
    done = subprocess.run(
        [sys.executable, "-m", "bookkit", "--root", str(book), "run"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert f"tab alpha: its environment {folder} is {state}" in done.stderr
    assert "next: make environments TABS=alpha" in done.stderr
