"""A scheduler and workers on this machine: what runs where, what is said, what stays.

Most tests share a scheduler and two workers that have `alpha` only; a test that
needs other workers gives them a tab of another name, which these two do not have.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_books import (
    CONFIG,
    Book,
    interrupt,
    own_environment,
    processes_with,
    told,
    wait_until,
)
from strangers import as_nobody, listening, only_root

import bookkit

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
#: Tells the folder, which outputs name no more, with other signs between its names.
WHERE = "import os\n---\nprint(os.getcwd().replace(os.sep, '|'))"
#: A saved function, and who uses it; each copy of the book has its own value.
SAVED = {
    "saves": "import math\n---\ndef answer():  #@save\n    return {}",
    "uses": "from pack import alpha as d2l\n---\nd2l.answer()",
}
SAVED_CONFIG = CONFIG + "[library-alpha]\nlib_file = pack/alpha.py\nlib_name = math\n"


class Cluster:
    """A scheduler, and workers in copies of a book."""

    def __init__(
        self,
        folder: Path,
        protocol: str = "tcp",
        variables: dict[str, str] | None = None,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        self.address = f"{protocol}://127.0.0.1:{port}"
        self.folder = folder
        # Dask looks every 10 ms at what each worker does, and nobody reads that here
        quiet = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
        self.variables = quiet | (variables or {})
        self.workers: list[subprocess.Popen[str]] = []
        command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
        options = ["--host", "127.0.0.1", "--port", port, "--protocol", protocol]
        self.scheduler = subprocess.Popen(
            [*command, *options, "--no-dashboard"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TEST_CLUSTER": str(folder), **self.variables},
        )

    def work(
        self, book: Book, slots: int = 1, **variables: str
    ) -> subprocess.Popen[str]:
        """Start a worker, and wait until it has announced itself."""
        command = ("worker", self.address, "-j", str(slots))
        set_too = {"PYTHONUNBUFFERED": "1", **self.variables, **variables}
        worker = book.start(*command, **set_too)
        self.workers.append(worker)
        assert worker.stdout is not None
        said = [worker.stdout.readline()]
        while said[-1] and " has env:" not in said[-1]:
            said.append(worker.stdout.readline())
        assert said[-1], ("the worker has ended", said)
        return worker

    @contextlib.contextmanager
    def worker(
        self, book: Book, slots: int = 1, **variables: str
    ) -> Iterator[subprocess.Popen[str]]:
        """Lend a worker to a test."""
        worker = self.work(book, slots, **variables)
        try:
            yield worker
        finally:
            self.workers.remove(worker)
            self.end([worker])
        assert wait_until(lambda: not processes_with(str(book.root)), 3)

    def run(self, book: Book, *options: str, **variables: str) -> tuple[int, str]:
        command = ("run", *options, "--cluster", self.address)
        return book.bookkit(*command, **{**self.variables, **variables})

    def passes(self, book: Book, *options: str) -> str:
        return book.passes("run", *options, "--cluster", self.address, **self.variables)

    def end(self, workers: list[subprocess.Popen[str]]) -> None:
        """End workers as Ctrl-C does."""
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.communicate(timeout=10)

    def close(self) -> None:
        """End everything, and see that nothing stays."""
        killed = [worker for worker in self.workers if worker.poll() is not None]
        self.end(self.workers)
        self.scheduler.kill()
        self.scheduler.wait()
        assert wait_until(lambda: not processes_with(str(self.folder)), 3)
        if not killed:
            assert not list(self.folder.glob("*/_build/cluster/*/worker-*/"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Yield a scheduler that nobody works for yet."""
    made = Cluster(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Yield a scheduler with two workers that have `alpha`."""
    made = Cluster(tmp_path_factory.mktemp("shared"))
    made.work(saving(made.folder / "w1", "1"))
    made.work(Book(made.folder / "w2", {"x": "1"}))
    yield made
    made.close()


def saving(folder: Path, value: str) -> Book:
    """Make a book with a saved function, extracted."""
    cells = {key: text.replace("{}", value) for key, text in SAVED.items()}
    book = Book(folder, cells, SAVED_CONFIG)
    (folder / "pack").mkdir()
    (folder / "pack" / "__init__.py").touch()
    book.passes("lib")
    return book


def rows(output: str) -> dict[str, dict[str, object]]:
    """Return the rows that `run --json` printed, by section."""
    return {row["section"]: row for row in told(output)["notebooks"]}


def kept(root: Path) -> list[dict[str, object]]:
    found = root.glob("_build/cache/*/*.json")
    return [json.loads(path.read_text())["result"] for path in found]


def outputs(root: Path) -> dict[str, list[object]]:
    return {
        one["section"]: [
            [o for o in cell["outputs"] if o["output_type"] != "error"]
            for cell in one["cells"]
        ]
        for one in kept(root)
    }


def texts(root: Path) -> dict[tuple[str, str], str]:
    """Return what the last cell of each kept result has printed or returned."""
    found = {}
    for one in kept(root):
        last = (one["cells"][-1]["outputs"] or [{"text": ""}])[0]
        text = last["text"] if "text" in last else last["data"]["text/plain"]
        found[one["section"].removesuffix(".md"), one["tab"]] = text
    return found


def folder_of(told: str) -> Path:
    """Return the folder that `WHERE` has told."""
    return Path(told.strip().replace("|", os.sep))


def slow_cells(folder: Path) -> dict[str, str]:
    return {n: SLOW.format(folder=str(folder), name=n) for n in ("s1", "s2", "s3")}


# What runs, and where


def test_when_two_workers_serve_then_results_equal_local_ones(tmp_path, shared):
    book, local = Book(tmp_path / "a", CELLS), Book(tmp_path / "local", CELLS)
    status, output = shared.run(book)
    assert status == 1, output
    assert "bad.md:7 [alpha]: ZeroDivisionError" in output
    assert "Traceback (most recent call last):\n  File" not in output
    local.bookkit("run")
    assert outputs(book.root) == outputs(local.root)
    _, output = book.bookkit("run", "--json")
    assert all(row["cached"] for row in rows(output).values())
    assert not list(shared.folder.glob("*/_build/cluster/*/*/run/*"))


def test_when_a_saved_function_is_edited_here_then_workers_run_it(tmp_path, shared):
    book = saving(tmp_path / "a", "2")
    shared.passes(book)
    assert texts(book.root)["uses", "alpha"] == "2"


def test_when_cells_declare_data_then_it_is_where_they_run(tmp_path, shared):
    reads = "import hashlib\n---\n#@data {0}\n"
    reads += "hashlib.sha256(open('{0}', 'rb').read()).hexdigest()"
    names = {"small": "data/a file.csv", "large": "data/large.bin", "none": "data/no"}
    cells = {key: reads.format(name) for key, name in names.items()}
    cells["out"] = reads.format("../outside")
    (tmp_path / "outside").write_text("not of the book")
    books = [Book(tmp_path / name, cells) for name in ("a", "local")]
    told = []
    for book in books:
        (book.root / "data").mkdir()
        (book.root / "data" / "a file.csv").write_text("1,2\n")
        (book.root / "data" / "large.bin").write_bytes(bytes(range(256)) * 50_000)
    for run in (shared.run(books[0], "--json"), books[1].bookkit("run", "--json")):
        found = rows(run[1])
        assert "Warning" not in run[1] and "Traceback" not in run[1]
        told.append(
            {
                key: (row["status"], (row["failure"] or {}).get("reason"))
                for key, row in found.items()
            }
        )
    assert {key: status for key, (status, _) in told[0].items()} == {
        "small.md": "passed",
        "large.md": "passed",
        "none.md": "not started",
        "out.md": "not started",
    }
    assert "No such file" in str(told[0]["none.md"])
    assert "data/no" in str(told[0]["none.md"])
    assert told[0]["out.md"] == told[1]["out.md"]
    ours, theirs = (outputs(book.root) for book in books)
    assert ours == theirs
    assert not list(shared.folder.glob("*/data"))


def test_when_kernels_are_spawned_then_those_of_workers_are_too(tmp_path, shared):
    # A spawned kernel has a keeper, as each program; one that is forked has none.
    cell = "import os\nfrom pathlib import Path\n---\n"
    cell += "parent = Path(f'/proc/{os.getppid()}/cmdline').read_bytes()\n"
    cell += "b'keeper.py' in parent"
    book = Book(tmp_path / "a", {"parent": cell})
    for options, expected in (((), "False"), (("--spawn", "--again"), "True")):
        shared.passes(book, *options)
        assert texts(book.root)["parent", "alpha"] == expected


def test_when_workers_have_other_tabs_then_each_notebook_finds_its_own(
    tmp_path, shared
):
    tabs = ("beta", "gamma", "delta")
    book = Book(tmp_path / "a", {"one": f"1\n---\n{WHERE}", "two": WHERE}, tabs=tabs)
    cells = {"x": "1"}
    first = Book(tmp_path / "w1", cells, tabs=tabs, without=["gamma"])
    second = Book(tmp_path / "w2", cells, tabs=tabs, without=["beta"])
    with shared.worker(first), shared.worker(second):
        status, output = shared.run(book)
    assert status == 0, output
    ran = {
        (section, tab): folder_of(text).relative_to(tmp_path).parts[0]
        for (section, tab), text in texts(book.root).items()
    }
    delta = {ran.pop(("one", "delta")), ran.pop(("two", "delta"))}
    assert delta <= {"w1", "w2"}
    assert ran == {
        ("one", "beta"): "w1",
        ("two", "beta"): "w1",
        ("one", "gamma"): "w2",
        ("two", "gamma"): "w2",
    }


def test_when_one_worker_has_gpus_then_what_wants_them_goes_there(tmp_path, shared):
    tool = tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'Fake A'\necho 'Fake A'\n")
    tool.chmod(0o755)
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    show = "import os, time\n---\ntime.sleep(0.5)\n"
    show += "where = os.getcwd().replace(os.sep, '|')\n"
    show += "print(os.environ['CUDA_VISIBLE_DEVICES'], where)"
    wanted = {"c1": "", "c2": "", "g1": "gpu(0)", "g2": "gpu(0)", "gg": "gpu(1)"}
    cells = {name: f"{show}  # {name} {gpus}" for name, gpus in wanted.items()}
    book = Book(tmp_path / "a", cells, tabs=["omega"])
    with_gpus = Book(tmp_path / "gpus", {"x": "1"}, tabs=["omega"])
    without = Book(tmp_path / "none", {"x": "1"}, tabs=["omega"])
    with shared.worker(with_gpus, 2, PATH=path), shared.worker(without, 2):
        shared.passes(book)
        found = {}
        for (section, _), text in texts(book.root).items():
            gpus, _, folder = text.partition(" ")
            found[section] = (gpus, folder_of(folder).relative_to(tmp_path).parts[0])
        devices = {one["section"]: one["device"] for one in kept(book.root)}
    assert {found["c1"][0], found["c2"][0]} == {""}
    assert {found[name][1] for name in ("g1", "g2", "gg")} == {"gpus"}
    assert {found["g1"][0], found["g2"][0]} <= {"0", "1"}
    assert sorted(found["gg"][0].split(",")) == ["0", "1"]
    assert devices["c1.md"] == "cpu" and devices["g1.md"] == "Fake A"
    assert devices["gg.md"] == "Fake A, Fake A"
    # Nobody has GPUs any more: the same notebooks are planned without.
    with shared.worker(without):
        status, output = shared.run(book)
    assert status == 0, output
    assert {one["device"] for one in kept(book.root)} == {*devices.values()}
    assert len(kept(book.root)) == 5 + 3


def test_when_a_worker_has_another_bookkit_then_it_gets_nothing(tmp_path, shared):
    sources = tmp_path / "other" / "bookkit"
    shutil.copytree(Path(bookkit.__file__).parent, sources)
    for name, old, new in (
        ("__init__.py", f'__version__ = "{bookkit.__version__}"', "__version__ = '9'"),
        ("run/results.py", "\nFORMAT = ", "\nFORMAT = 9"),
    ):
        text = (sources / name).read_text()
        assert old in text
        (sources / name).write_text(text.replace(old, new))
    book = Book(tmp_path / "a", {"one": WHERE}, tabs=["beta"])
    others = Book(tmp_path / "w1", {"x": "1"}, tabs=["beta"])
    equal = Book(tmp_path / "w2", {"x": "1"}, tabs=["beta"])
    with shared.worker(others, PYTHONPATH=str(sources.parent)):
        status, output = shared.run(book, "--cluster-wait", "1")
        assert status == 2, output
        assert "has bookkit 9 (results 9" in output
        assert f"bookkit {bookkit.__version__} (results" in output
        assert "Traceback" not in output
        with shared.worker(equal):
            status, output = shared.run(book)
    assert status == 0, output
    assert folder_of(texts(book.root)["one", "beta"]).is_relative_to(equal.root)


def test_when_slots_are_asked_of_a_cluster_then_it_is_refused(tmp_path, shared):
    book = Book(tmp_path / "a", {"one": "1"})
    status, output = shared.run(book, "-j", "3")
    assert status == 2, output
    assert "-j 3" in output and f"bookkit worker {shared.address} -j 3" in output
    assert kept(book.root) == []


def test_when_interrupted_then_the_cluster_stops_too(tmp_path, shared):
    book = Book(tmp_path / "a", slow_cells(tmp_path))
    run = book.start("run", "--cluster", shared.address)
    assert wait_until(lambda: list(tmp_path.glob("s?")), 30)
    assert list(shared.folder.glob("w?/_build/cluster/*/*/run/*"))
    interrupt(run)
    output, _ = run.communicate(timeout=5)
    assert run.returncode == 130, output
    assert "Traceback" not in output

    def stay() -> list[Path]:
        return list(shared.folder.glob("w?/_build/cluster/*/*/run/*"))

    assert wait_until(lambda: not stay(), 5)


def test_when_runs_have_ended_then_nothing_stays_on_the_workers(tmp_path, shared):
    book = saving(tmp_path / "a", "3")

    def left() -> set[str]:
        found = shared.folder.glob("w?/_build/cluster/*/worker-*/*/*")
        return {path.parent.name for path in found}

    def servers() -> list[int]:
        return processes_with(f"{shared.folder}/w1/_build/cluster") + processes_with(
            f"{shared.folder}/w2/_build/cluster"
        )

    assert shared.run(book)[0] == 0
    assert "library" in left() and servers()
    assert wait_until(lambda: not left() and not servers(), 15), (left(), servers())
    shared.passes(book, "--again")


# What goes away


def test_when_a_worker_is_killed_then_every_notebook_completes(tmp_path, cluster):
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


def test_when_the_last_able_worker_is_lost_then_a_local_run_goes_on(tmp_path, shared):
    slow = SLOW.format(folder=str(tmp_path), name="s1")
    book = Book(tmp_path / "a", {"one": "6 * 7", "two": slow}, tabs=["gamma"])
    other = Book(tmp_path / "b", {"x": "1"}, tabs=["gamma"])
    with shared.worker(other) as worker:
        options = ("--cluster", shared.address, "--cluster-wait", "2")
        run = book.start("run", *options)
        assert wait_until((tmp_path / "s1").exists, 30)
        assert wait_until(lambda: kept(book.root), 10)
        worker.kill()
        began = time.monotonic()
        output, _ = run.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert run.returncode == 2, output
    assert "1 of 2 notebooks were not run; the others are kept" in output
    assert "has alpha" in output and f"-{worker.pid}-" in output
    assert "has gone" in output and "without --cluster" in output
    assert "Traceback" not in output
    (tmp_path / "go").touch()
    _, output = book.bookkit("run", "--json")
    found = rows(output)
    assert {row["status"] for row in found.values()} == {"passed"}
    assert found["one.md"]["cached"] and not found["two.md"]["cached"]


def test_when_a_notebook_kills_its_workers_then_only_that_one_fails(tmp_path):
    kills = "import os, time\n---\ntime.sleep(0.2)\n"
    kills += "os.kill(int(os.environ['JPY_PARENT_PID']), 9)"
    cells = {"kills": kills, **{name: f"'{name}'" for name in "bcd"}}
    book = Book(tmp_path / "a", cells)
    other = Book(tmp_path / "b", {"x": "1"})
    fewer = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    cluster = Cluster(tmp_path, variables=fewer)
    try:
        workers = [cluster.work(other)]
        options = ("--cluster", cluster.address, "--cluster-wait", "60")
        run = book.start("run", "--json", *options)
        deadline = time.monotonic() + 200
        while run.poll() is None and time.monotonic() < deadline:
            if workers[-1].poll() is not None and len(workers) < 9:
                workers.append(cluster.work(other))
            time.sleep(0.1)
        output, _ = run.communicate(timeout=1)
        found = rows(output)
        assert found["kills.md"]["status"] == "kernel died", output
        assert "every worker that ran it died" in str(found["kills.md"]["failure"])
        assert {found[f"{name}.md"]["status"] for name in "bcd"} == {"passed"}
        # Twice with others in the queue, twice without; a last one may come late.
        dead = [one for one in workers if one.poll() is not None]
        assert len(dead) == 4
        assert {str(one["section"]) for one in kept(book.root)} == {
            f"{name}.md" for name in "bcd"
        }
        cluster.end(workers)
        cluster.workers.clear()
        cluster.work(other)  # removes what the killed ones have left
        assert len(list(tmp_path.glob("b/_build/cluster/*/worker-*/"))) == 1
    finally:
        cluster.close()


def test_when_no_worker_has_the_environment_then_it_is_told(tmp_path, cluster):
    book, other = Book(tmp_path / "a", CELLS), Book(tmp_path / "b", CELLS)
    status, output = cluster.run(book, "--cluster-wait", "1")
    assert status == 2, output
    assert "there is no worker" in output
    cluster.work(other)
    (packages,) = own_environment(book).glob("lib/python*/site-packages")
    (packages / "another-1.dist-info").mkdir()
    status, output = cluster.run(book, "--cluster-wait", "1")
    assert status == 2, output
    assert "has alpha, but with other packages" in output
    assert "Traceback" not in output
    assert "0 of 3" not in output and "3 of 3 notebooks were not run" in output


def test_when_the_scheduler_is_killed_then_a_local_run_goes_on(tmp_path, cluster):
    book = Book(tmp_path / "a", {"one": "6 * 7", **slow_cells(tmp_path)})
    cluster.work(book)
    assert cluster.run(book, "one.md")[0] == 0
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


def test_when_the_address_is_wrong_then_it_is_told(tmp_path):
    book = Book(tmp_path, CELLS)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        options = ("--cluster", address, "--cluster-wait", "1")
        status, output = book.bookkit("run", *options)
    assert status == 2, output
    assert address in output and "no scheduler answers" in output
    assert "Traceback" not in output


# Who may take part


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="looks in /proc")
def test_when_the_scheduler_is_on_loopback_then_so_is_all_of_a_worker(shared):
    (worker, *_) = shared.workers
    found = listening(worker.pid)
    assert found
    assert {address for address, _ in found} == {"0100007F"}  # 127.0.0.1
    for _, port in found:
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
        for other in ("127.0.0.2", *other_addresses()):
            with pytest.raises(OSError), socket.create_connection((other, port), 5):
                pass


ORDER = """
with distributed.Client(sys.argv[1], timeout=30, set_as_default=False) as client:
    print(client.submit(os.getuid, pure=False).result(timeout=30))
    print(client.run_on_scheduler(os.getuid))
"""


@only_root
def test_when_another_user_reaches_a_cluster_then_it_runs_code_as_its_owner(shared):
    said = as_nobody(ORDER, shared.address, imports="sys, distributed")
    assert said.split() == ["0", "0"]


def other_addresses() -> set[str]:
    """Return the addresses that this machine has towards others, if it has any."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return set()
        return {asked.getsockname()[0]} - {"127.0.0.1"}


def certificates(folder: Path) -> dict[str, str]:
    """Make an authority and a certificate; return Dask's variables for them."""
    folder.mkdir()
    new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    for command in (
        f"req -x509 {new_key} -keyout ca.key -out ca.pem -days 2 -subj /CN=ca",
        f"req {new_key} -keyout key.pem -out request.pem -subj /CN=bookkit",
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-out cert.pem",
    ):
        made = subprocess.run(
            ["openssl", *command.split()], cwd=folder, capture_output=True, text=True
        )
        assert made.returncode == 0, made.stderr
    start = "DASK_DISTRIBUTED__COMM__"
    variables = {
        f"{start}REQUIRE_ENCRYPTION": "true",
        f"{start}TLS__CA_FILE": str(folder / "ca.pem"),
    }
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        variables[f"{start}TLS__{role}__KEY"] = str(folder / "key.pem")
        variables[f"{start}TLS__{role}__CERT"] = str(folder / "cert.pem")
    return variables


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_when_tls_is_configured_then_only_certified_ones_take_part(tmp_path):
    cluster = Cluster(tmp_path, "tls", certificates(tmp_path / "ours"))
    try:
        book = Book(tmp_path / "a", {"one": "6 * 7"})
        cluster.work(Book(tmp_path / "b", {"x": "1"}))
        strangers = certificates(tmp_path / "theirs")
        for variables in (strangers, {name: "" for name in strangers}):
            options = ("--cluster", cluster.address, "--cluster-wait", "1")
            status, output = book.bookkit("run", *options, **variables)
            assert status == 2, output
            assert "no scheduler answers" in output
            assert "DASK_DISTRIBUTED__COMM__TLS" in output
            assert "Traceback" not in output
            assert kept(book.root) == []
        cluster.passes(book)
        assert texts(book.root)["one", "alpha"] == "42"
    finally:
        cluster.close()
