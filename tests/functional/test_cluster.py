"""A scheduler and two workers on this machine: what runs, what is said, what stays."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_books import Book, interrupt, processes_with, wait_until

CELLS = {
    "one": "6 * 7\n---\nprint('hello')",
    "two": "import math\nmath.pi",
    "bad": "1 / 0",
}
#: Tells in a file who runs it, and waits for a file before it ends.
SLOW = """
import os, time, pathlib
folder = pathlib.Path({folder!r})
(folder / '{name}').write_text(str(os.getcwd()))
while not (folder / 'go').exists(): time.sleep(0.05)
'{name}'
"""


class Cluster:
    """A scheduler, and workers in copies of a book."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        self.address = f"tcp://127.0.0.1:{port}"
        self.folder = folder
        self.workers: list[subprocess.Popen[str]] = []
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
        options = ["--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        self.scheduler = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TEST_CLUSTER": str(folder)},
        )

    def work(self, book: Book) -> subprocess.Popen[str]:
        """Start a worker with one slot, and wait until it has announced itself."""
        worker = book.start("worker", self.address, "-j", "1", PYTHONUNBUFFERED="1")
        self.workers.append(worker)
        assert worker.stdout is not None
        said = worker.stdout.readline()
        while said and " has env:" not in said:
            said = worker.stdout.readline()
        assert said, "the worker has ended"
        return worker

    def close(self) -> None:
        """End everything, and see that nothing stays."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.communicate(timeout=10)
        self.scheduler.kill()
        self.scheduler.wait()
        assert wait_until(lambda: not processes_with(str(self.folder)), 3)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Yield a scheduler that nobody works for yet."""
    made = Cluster(tmp_path)
    yield made
    made.close()


def rows(output: str) -> dict[str, dict[str, object]]:
    """Return the rows that `run --json` printed, by section."""
    return {row["section"]: row for row in json.loads(output[output.index("[") :])}


def outputs(root: Path) -> dict[str, list[object]]:
    """Return what is kept: the outputs of each section's cells."""
    kept = [json.loads(p.read_text()) for p in root.glob("_build/cache/*/*.json")]
    return {
        one["result"]["section"]: [
            [o for o in cell["outputs"] if o["output_type"] != "error"]
            for cell in one["result"]["cells"]
        ]
        for one in kept
    }


def slow_cells(folder: Path) -> dict[str, str]:
    """Return sections that wait to be let go."""
    return {n: SLOW.format(folder=str(folder), name=n) for n in ("s1", "s2", "s3")}


def test_when_two_workers_serve_then_results_equal_local_ones(
    tmp_path: Path, cluster: Cluster
) -> None:
    book, other = Book(tmp_path / "a", CELLS), Book(tmp_path / "b", {"x": "1"})
    local = Book(tmp_path / "local", CELLS)
    cluster.work(book)
    cluster.work(other)
    status, output = book.bookkit("run", "--cluster", cluster.address)
    assert status == 1, output
    assert "bad.md:7 [alpha]: ZeroDivisionError" in output
    assert "Traceback (most recent call last):\n  File" not in output
    local.bookkit("run")
    assert outputs(book.root) == outputs(local.root)
    _, output = book.bookkit("run", "--json")
    assert all(row["cached"] for row in rows(output).values())
    assert not list(tmp_path.glob("*/_build/cluster/run/*"))


def test_when_a_worker_is_killed_then_every_notebook_completes(
    tmp_path: Path, cluster: Cluster
) -> None:
    book = Book(tmp_path / "a", slow_cells(tmp_path))
    workers = [cluster.work(book), cluster.work(Book(tmp_path / "b", {"x": "1"}))]
    run = book.start("run", "--json", "--cluster", cluster.address)
    assert wait_until(lambda: len(list(tmp_path.glob("s?"))) == 2, 30)
    os.kill(workers[1].pid, signal.SIGKILL)
    workers[1].communicate()
    assert wait_until(lambda: not processes_with(str(tmp_path / "b")), 3)
    (tmp_path / "go").touch()
    output, _ = run.communicate(timeout=60)
    assert [row["status"] for row in rows(output).values()] == ["passed"] * 3


def test_when_no_worker_has_the_environment_then_it_is_told(
    tmp_path: Path, cluster: Cluster
) -> None:
    book, other = Book(tmp_path / "a", CELLS), Book(tmp_path / "b", CELLS)
    options = ("run", "--cluster", cluster.address, "--cluster-wait", "1")
    status, output = book.bookkit(*options)
    assert status == 2, output
    assert "there is no worker" in output
    cluster.work(other)
    lock = book.root / "envs" / "alpha.txt"
    lock.write_text(lock.read_text() + "\nanother==1\n")
    made = book.root / ".envs" / "alpha"
    real = made.resolve()
    made.unlink()
    made.mkdir()
    for entry in real.iterdir():
        (made / entry.name).symlink_to(entry)
    (made / "bookkit.json").unlink()
    make_fresh = (
        "from pathlib import Path; from bookkit.config import load;"
        "from bookkit.environments import environment_of;"
        f"environment_of(load(Path({str(book.root)!r})).tabs[0]).finish('3.11.7')"
    )
    subprocess.run([sys.executable, "-c", make_fresh], check=True)
    status, output = book.bookkit(*options)
    assert status == 2, output
    assert "has alpha, but made from another lock" in output
    assert "Traceback" not in output
    assert "0 of 3" not in output and "3 of 3 notebooks were not run" in output


def test_when_the_scheduler_is_killed_then_a_local_run_goes_on(
    tmp_path: Path, cluster: Cluster
) -> None:
    book = Book(tmp_path / "a", {"one": "6 * 7", **slow_cells(tmp_path)})
    cluster.work(book)
    assert book.bookkit("run", "one.md", "--cluster", cluster.address)[0] == 0
    run = book.start("run", "--cluster", cluster.address)
    assert wait_until(lambda: list(tmp_path.glob("s?")), 30)
    cluster.scheduler.kill()
    output, _ = run.communicate(timeout=30)
    assert run.returncode == 2, output
    assert cluster.address in output and "the scheduler is lost" in output
    assert "without --cluster" in output and "Traceback" not in output
    (tmp_path / "go").touch()
    _, output = book.bookkit("run", "--json")
    found = rows(output)
    assert {row["status"] for row in found.values()} == {"passed"}
    assert found["one.md"]["cached"]


def test_when_interrupted_then_the_cluster_stops_too(
    tmp_path: Path, cluster: Cluster
) -> None:
    book = Book(tmp_path / "a", slow_cells(tmp_path))
    cluster.work(Book(tmp_path / "b", {"x": "1"}))
    run = book.start("run", "--cluster", cluster.address)
    assert wait_until(lambda: list(tmp_path.glob("s?")), 30)
    interrupt(run)
    output, _ = run.communicate(timeout=5)
    assert run.returncode == 130, output
    assert "Traceback" not in output
    assert wait_until(lambda: not list(tmp_path.glob("b/_build/cluster/run/*")), 5)


def test_when_a_saved_function_is_edited_here_then_workers_run_it(
    tmp_path: Path, cluster: Cluster
) -> None:
    from faulty_books import CONFIG

    config = CONFIG + "[library-alpha]\nlib_file = pack/alpha.py\nlib_name = math\n"
    cells = {
        "saves": "import math\n---\ndef answer():  #@save\n    return {}",
        "uses": "from pack import alpha as d2l\n---\nd2l.answer()",
    }
    books = []
    for name, value in (("a", "2"), ("b", "1")):
        texts = {key: text.replace("{}", value) for key, text in cells.items()}
        books.append(Book(tmp_path / name, texts, config))
        (tmp_path / name / "pack").mkdir()
        (tmp_path / name / "pack" / "__init__.py").touch()
        assert books[-1].bookkit("lib")[0] == 0
    cluster.work(books[1])
    status, output = books[0].bookkit("run", "--cluster", cluster.address)
    assert status == 0, output
    kept = json.dumps(outputs(books[0].root)["uses.md"])
    assert '"text/plain": "2"' in kept


def test_when_the_address_is_wrong_then_it_is_told(tmp_path: Path) -> None:
    book = Book(tmp_path, CELLS)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        options = ("--cluster", address, "--cluster-wait", "1")
        status, output = book.bookkit("run", *options)
    assert status == 2, output
    assert address in output and "no scheduler answers" in output
    assert "Traceback" not in output
