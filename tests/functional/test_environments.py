"""Environments that are missing, half-made, stale, or cannot be made."""

import contextlib
import functools
import hashlib
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_books import CONFIG, ROOT, hear_interrupts, processes_with, wait_until
from wheels import write_wheel

from bookkit.book.config import load
from bookkit.kernels.environments import Environment, build_environment, environment_of
from bookkit.kernels.packages import installed

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
#: Whichever the real environments are made with.
UV = Path(shutil.which("uv") or ROOT / ".envs" / ".uv" / "bin" / "uv")
#: A Python that none of these books' tabs may have unless a test says so.
OTHER = "3.7"
#: Nothing outside this machine is asked, whatever pip and uv are configured to.
ALONE = {
    **{"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_EXTRA_INDEX_URL": ""},
    **{"PIP_CONSTRAINT": "", "UV_NO_CACHE": "1", "UV_HTTP_RETRIES": "0"},
    **{"UV_PYTHON_DOWNLOADS": "never", "PYTHONUNBUFFERED": "1"},
    # Not each of a developer's Pythons is asked what it is
    "UV_PYTHON_SEARCH_PATH": str(Path(sys.base_prefix, "bin")),
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Return a book whose only tab asks for one wheel, with the real build tools."""
    (tmp_path / "index.md").write_text("# Empty\n")
    (tmp_path / "envs").mkdir()
    shutil.copyfile(ROOT / "envs" / "build.txt", tmp_path / "envs" / "build.txt")
    (tmp_path / ".envs").mkdir()
    (tmp_path / ".envs" / "build").symlink_to(ROOT / ".envs" / "build")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(UV)
    configure(tmp_path, f"pythons = {HERE}")
    ask_for(tmp_path, wheel(tmp_path, "ipykernel"))
    return tmp_path


def configure(book: Path, *rows: str) -> None:
    (book / "config.ini").write_text(CONFIG + "\n".join(["preload = json", *rows, ""]))


def ask_for(book: Path, *pins: str) -> None:
    (book / "envs" / "alpha.txt").write_text("\n".join(pins) + "\n")


def wheel(book: Path, name: str, version: str = "1.0", text: str = "") -> str:
    """Write a wheel of a package; return its line of a lock."""
    path = write_wheel(book / "wheels", name, version, kernelapp=text)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{name}=={version.partition('+')[0]} --hash=sha256:{digest}"


def alpha(book: Path) -> Environment:
    return environment_of(load(book).tab("alpha"))


def start(book: Path, *options: str, **variables: str) -> subprocess.Popen[str]:
    """Start making environments, as the Makefile does; wheels are beside the book."""
    path = f"{book / 'bin'}:{os.environ['PATH']}"
    links = str(book / "wheels")
    own = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": links, "PATH": path}
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "bookkit.kernels.installing",
            "--root",
            str(book),
            *options,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **ALONE, **own, **variables},
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )


def make(book: Path, *options: str, **variables: str) -> tuple[int, str]:
    process = start(book, *options, **variables)
    output, _ = process.communicate(timeout=120)
    assert "Traceback" not in output
    assert not list((book / ".envs").glob(".new-*"))
    return process.returncode, output


def with_index(address: str) -> dict[str, str]:
    """Return the variables that name an index, and no other place."""
    return {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": address}


@contextlib.contextmanager
def index_of(book: Path) -> Iterator[str]:
    """Serve the wheel of `ipykernel` as an index does; nothing may be kept unasked."""

    class Index(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Cache-Control", "max-age=0")
            super().end_headers()

        def log_message(self, *_: object) -> None:
            pass

    folder = book / "simple" / "ipykernel"
    folder.mkdir(parents=True)
    (file,) = (book / "wheels").glob("ipykernel*")
    shutil.copy(file, folder)
    (folder / "index.html").write_text(f'<a href="{file.name}">{file.name}</a>')
    serving = functools.partial(Index, directory=str(book))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


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


@pytest.fixture
def closed_index() -> Iterator[str]:
    """Return the address of an index that answers 403 to everything."""

    class Closed(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Closed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


def test_when_all_is_there_then_it_is_made_once(book):
    status, output = make(book)
    assert status == 0, output
    assert "Environments to make: alpha (missing)" in output
    assert (alpha(book).state(), installed(alpha(book).path)) == (
        "fresh",
        {"ipykernel": "1.0"},
    )
    assert make(book) == (0, "")
    assert "alpha (fresh)" in make(book, "--again", "--tabs", "alpha")[1]


def test_when_the_network_is_gone_then_it_is_said_once(book, no_index):
    config = (book / "config.ini").read_text()
    two = config.replace("tabs = alpha", "tabs = alpha, beta")
    (book / "config.ini").write_text(f"{two}[bookkit-beta]\npythons = {HERE}\n")
    shutil.copy(book / "envs" / "alpha.txt", book / "envs" / "beta.txt")
    status, output = make(book, **with_index(no_index))
    assert status == 2, output
    assert output.count("no network") == output.count("alpha, beta: no network") == 1
    assert "alpha.log" in output and "then the same command again" in output
    assert alpha(book).state() == "missing"
    assert make(book)[0] == 0


def test_when_the_network_is_gone_but_uv_has_it_all_then_it_works(book, tmp_path):
    kept = {"UV_CACHE_DIR": str(tmp_path / "cache"), "UV_NO_CACHE": "0"}
    with index_of(book) as address:
        assert make(book, **with_index(address), **kept)[0] == 0
    shutil.rmtree(alpha(book).path)
    status, output = make(book, **with_index(address), **kept)
    assert status == 0, output
    assert "alpha: no network: taken from uv's cache" in output


def test_when_the_index_refuses_then_it_is_said(book, closed_index):
    status, output = make(book, **with_index(closed_index))
    assert status == 2
    assert "environment alpha: the package index refuses" in output


def test_when_the_index_is_silent_then_waiting_ends(book, silent_index):
    status, output = make(book, UV_HTTP_TIMEOUT="1", **with_index(silent_index))
    assert status == 2
    assert "environment alpha: no network" in output


def test_when_interrupted_then_uv_ends_too_and_what_was_there_stays(book, silent_index):
    make(book)
    process = start(book, "--again", "--tabs", "alpha", **with_index(silent_index))
    assert wait_until(lambda: processes_with(f"{book}/.envs/.new-alpha"), 60)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 130, output
    assert "interrupted; the same command continues where this stopped" in output
    assert "Traceback" not in output
    assert wait_until(lambda: not processes_with(f"{book}/.envs/.new-alpha"), 5)
    assert (alpha(book).state(), make(book)) == ("fresh", (0, ""))


@pytest.mark.parametrize(
    "pin, cause",
    [
        (f"ipykernel==1.0 --hash=sha256:{'0' * 64}", "not the one in the lock"),
        ("ipykernel==2.0", "the lock's versions are not to be had here"),
        ("ipykernel==", "uv failed"),
    ],
)
def test_when_a_lock_cannot_be_installed_then_what_was_there_stays(book, pin, cause):
    make(book)
    good = (book / "envs" / "alpha.txt").read_text()
    ask_for(book, pin)
    assert alpha(book).state() == "stale"
    status, output = make(book)
    assert status == 2
    assert f"environment alpha: {cause}" in output or cause in output
    ask_for(book, good)
    assert make(book) == (0, "")


def test_when_two_make_at_once_then_one_waits(book):
    both = [start(book), start(book)]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert "".join(outputs).count("alpha: done") == 1
    assert "Another build makes environments; waiting" in "".join(outputs)


def test_when_packages_were_installed_by_hand_then_they_are_named(book):
    make(book)
    folder = next(alpha(book).path.glob("lib/python*/site-packages"))
    (folder / "mine-2.0.dist-info").mkdir()
    ask_for(book, wheel(book, "ipykernel"), wheel(book, "another"))
    output = make(book)[1]
    assert "alpha: what was installed by hand goes: mine 2.0" in output
    assert set(installed(alpha(book).path)) == {"ipykernel", "another"}


@pytest.mark.parametrize("python", [HERE, OTHER])
def test_when_a_folder_is_no_environment_then_it_is_not_deleted(book, python):
    configure(book, f"pythons = {python}", "kept = kept/alpha")
    alpha(book).path.mkdir()
    (alpha(book).path / "mine.txt").write_text("mine")
    status, output = make(book)
    assert status == 2
    assert "alpha: this is not an environment of ours, and is not deleted" in output
    assert (alpha(book).path / "mine.txt").read_text() == "mine"


def test_when_no_python_fits_then_committed_results_stand_in(book):
    rows = [f"pythons = {OTHER}", "limits = 1.0 was the last", "kept = kept/alpha"]
    configure(book, *rows)
    status, output = make(book)
    assert status == 0, output
    assert f"alpha cannot run here: it needs Python {OTHER}; this machine has" in output
    assert "uv cannot fetch one (1.0 was the last). Committed results" in output
    assert alpha(book).state() == "unavailable"
    assert alpha(book).unavailable().endswith("(1.0 was the last)")
    assert make(book) == (0, "")
    alpha(book).reason.write_text("damaged")
    assert "alpha cannot run here" in make(book)[1]
    configure(book, f"pythons = {HERE}", *rows[1:])
    assert make(book)[0] == 0
    assert (alpha(book).state(), alpha(book).unavailable()) == ("fresh", "")


def test_when_no_python_fits_and_nothing_stands_in_then_the_remedy_is_told(book):
    configure(book, f"pythons = {OTHER}")
    status, output = make(book)
    assert status == 2
    assert f"environment alpha: it needs Python {OTHER}" in output
    assert f"next: install Python {OTHER}, or leave it out" in output


def test_when_the_system_lacks_a_library_then_committed_results_stand_in(book):
    said = "libnone.so.1: cannot open shared object file: No such file or directory"
    pin = wheel(book, "ipykernel", "1.1", f"raise ImportError({said!r})")
    configure(book, f"pythons = {HERE}", "kept = kept/alpha")
    ask_for(book, pin)
    status, output = make(book)
    assert status == 0, output
    assert "alpha cannot run here: the system lacks libnone.so.1." in output
    assert make(book) == (0, "")


def test_when_the_platform_has_no_wheels_then_it_is_said(book):
    configure(book, f"pythons = {HERE}", "platforms = amiga-m68k", "kept = kept/alpha")
    assert "cannot run here: there are no wheels for " in make(book)[1]


def test_when_the_newest_python_is_not_allowed_then_an_older_one_is_taken(book):
    configure(book, f"pythons = {OTHER}, {HERE}")
    assert make(book)[0] == 0
    assert str((alpha(book).record() or {})["python"]).startswith(HERE)


def fake_driver(folder: Path) -> dict[str, str]:
    """Return the variables of a machine with a GPU whose driver runs CUDA 12.8."""
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text(
        '#!/bin/sh\n[ $# = 0 ] && echo "| CUDA Version: 12.8 |" || echo "GPU one"\n'
    )
    program.chmod(0o755)
    return {"PATH": f"{folder}:{UV.parent}:{os.environ['PATH']}"}


def test_when_there_is_a_gpu_then_its_build_is_taken_if_wanted(book, tmp_path):
    driver = fake_driver(tmp_path / "driver")
    ask_for(book, wheel(book, "ipykernel"), wheel(book, "frame"))
    wheel(book, "frame-gpu")
    gpu = "gpu = frame -> frame-gpu==1.0"
    configure(book, f"pythons = {HERE}", gpu)
    assert make(book, **driver)[0] == 0
    assert set(installed(alpha(book).path)) == {"ipykernel", "frame-gpu"}
    assert make(book, **driver) == (0, "")
    output = make(book, "--gpu", "no", **driver)[1]
    assert "alpha (fresh)" in output
    assert set(installed(alpha(book).path)) == {"ipykernel", "frame"}
    # The machine has none any more
    assert make(book) == (0, "")


def test_when_a_gpu_build_is_not_to_be_had_then_that_for_cpus_is_taken(book, tmp_path):
    ask_for(book, wheel(book, "ipykernel"), wheel(book, "frame"))
    configure(book, f"pythons = {HERE}", "gpu = frame -> frame-gpu==1.0")
    status, output = make(book, **fake_driver(tmp_path / "driver"))
    assert status == 0, output
    assert "frame-gpu==1.0 is not to be had; taking the build for CPUs" in output
    assert set(installed(alpha(book).path)) == {"ipykernel", "frame"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PyTorch has one build")
def test_when_there_is_no_gpu_then_pytorch_s_build_for_cpus_is_taken(book):
    wheel(book, "torch", "9.9.9")
    wheel(book, "torchvision", "8.8.8")
    kernel = wheel(book, "ipykernel")
    ask_for(book, kernel, "torch==9.9.9", "torchvision==8.8.8")
    with index_of(book) as address:
        links = {"PIP_FIND_LINKS": str(book / "wheels")}
        status, output = make(book, **{**with_index(address), **links})
    assert status == 0, output
    assert "taking the default one's build, with CUDA" in output
    assert installed(alpha(book).path)["torch"] == "9.9.9"
    wheel(book, "torch", "9.9.9+cpu")
    wheel(book, "torchvision", "8.8.8+cpu")
    status, output = make(book, "--again", "--tabs", "alpha")
    assert status == 0, output
    now = installed(alpha(book).path)
    assert (now["torch"], now["torchvision"]) == ("9.9.9+cpu", "8.8.8+cpu")


def test_when_the_home_is_read_only_then_the_cache_is_beside_the_environments(book):
    nowhere = {"HOME": "/proc/none", "XDG_CACHE_HOME": "", "UV_NO_CACHE": "0"}
    assert make(book, **nowhere)[0] == 0
    assert (book / ".envs" / ".uv" / "cache").is_dir()


def test_when_uv_is_too_old_then_another_is_taken(book, tmp_path):
    old = tmp_path / "old" / "uv"
    old.parent.mkdir()
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo uv 0.1.0 || exit 9\n')
    old.chmod(0o755)
    (book / ".envs" / ".uv").symlink_to(ROOT / ".envs" / ".uv")
    path = {"PATH": f"{old.parent}:{os.environ['PATH']}"}
    if not (ROOT / ".envs" / ".uv").exists():
        pytest.skip("uv is on PATH here, and there is no other")
    assert make(book, **path)[0] == 0


def test_when_there_is_no_lock_then_it_is_said(book):
    (book / "envs" / "alpha.txt").unlink()
    status, output = make(book)
    assert status == 2
    assert "alpha.txt: no such lock file" in output and "next: bookkit lock" in output


def test_when_the_build_has_no_lock_then_the_command_makes_the_tabs_alone(book):
    (book / "envs" / "build.txt").unlink()
    (book / ".envs" / "build").unlink()
    own = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(book / "wheels")}
    path = f"{book / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "bookkit", "--root", str(book), "environments"],
        capture_output=True,
        text=True,
        env={**os.environ, **ALONE, **own, "PATH": path},
    )
    assert done.returncode == 0, done.stderr
    assert alpha(book).state() == "fresh"
    assert (book / ".envs" / ".gitignore").read_text() == "*\n"
    assert not (book / ".envs" / "build" / "bin").exists()
    assert list((book / "_build" / "jupyter" / "kernels").iterdir())


def test_when_nothing_says_what_a_tab_needs_then_lock_says_what_to_write(book):
    (book / "envs" / "alpha.txt").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "bookkit", "--root", str(book), "lock"],
        capture_output=True,
        text=True,
        env={**os.environ, **ALONE, "PATH": f"{book / 'bin'}:{os.environ['PATH']}"},
    )
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {book}/envs/alpha.in: no such file\n"
        "  expected: a line for each package that cells of the tab import, and "
        "ipykernel\n  next: bookkit adopt\n"
    )


def test_when_the_real_environments_are_asked_then_they_are_fresh():
    config = load(ROOT)
    assert build_environment(config).state() == "fresh"


@pytest.mark.parametrize("state", ["missing", "half-made", "stale"])
def test_when_a_run_lacks_an_environment_then_state_and_remedy_are_told(book, state):
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
    assert "next: bookkit --tabs alpha environments" in done.stderr
