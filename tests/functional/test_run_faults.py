"""Cells that misbehave, processes that are killed: what is said, what is kept."""

import asyncio
import json
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path, PurePosixPath

import nbformat
import pytest
from faulty_books import CONFIG, Book, interrupt, processes_with, told, wait_until

from bookkit.run.client import Client
from bookkit.run.notebook import Limits, Request, run_notebook
from bookkit.run.results import Status
from bookkit.run.surroundings import Surroundings

GOOD = "6 * 7"


#: What a cell does, and what the run says about it; `{}` is the section's name.
FAULTS = {
    "raises": (
        "1\n---\nx = 0\n1 / x",
        ["{}.md:13 [alpha]: ZeroDivisionError: division by zero", "----> 2 1 / x"],
    ),
    "hangs": (
        "import time\nprint('begun', flush=True)\ntime.sleep(60)",
        ["{}.md:7 [alpha]: a cell ran longer than 4 s", "begun", "time.sleep(60)"],
    ),
    "floods": (
        "for _ in range(100_000):\n    print('x' * 1000)",
        ["{}.md:7 [alpha]: a cell printed more than 64 kB; it was stopped"],
    ),
    "draws": (
        "from IPython.display import SVG\nSVG('<svg>' + ' ' * 900_000 + '</svg>')",
        ["a cell drew more than 800 kB of pictures", "`cell_picture_limit_kb`"],
    ),
    "kills-itself": (
        "import os\nos.kill(os.getpid(), 9)",
        ["{}.md:7 [alpha]: the kernel died: killed by SIGKILL", "out of memory"],
    ),
    "exits": (
        "import os\nos._exit(3)",
        ["{}.md:7 [alpha]: the kernel died: exited with code 3"],
    ),
    "deprecated": (
        "import warnings\nwarnings.warn('old', DeprecationWarning)",
        ["{}.md:8 [alpha]: DeprecationWarning: old"],
    ),
    "misses-a-package": (
        "import no_such_package",
        [
            "{}.md:7 [alpha]: ModuleNotFoundError",
            "is damaged: bookkit --tabs alpha environments --again",
        ],
    ),
    "asks": ("input('name? ')", ["{}.md:7 [alpha]: StdinNotImplementedError"]),
    "slow": (
        "import time\ntime.sleep(2)\n---\n" + "\n---\n".join(["time.sleep(2)"] * 4),
        ["the notebook ran longer than 7 s"],
    ),
}


TIGHT = CONFIG.replace(
    "cell_timeout_s = 30", "deprecations = error\ncell_timeout_s = 4"
).replace("notebook_timeout_s = 60", "notebook_timeout_s = 7")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    folder = tmp_path_factory.mktemp("faulty")
    cells = {name: code for name, (code, _) in FAULTS.items()}
    status, output = Book(folder, {**cells, "good": GOOD}, TIGHT).bookkit("run")
    return status, output, folder


@pytest.mark.parametrize("fault", FAULTS)
def test_when_a_cell_fails_then_it_is_told_where_and_why(faulty, fault):
    _, output, _ = faulty
    for words in FAULTS[fault][1]:
        assert words.format(fault) in output
    assert f"bookkit --tabs alpha run {fault}.md --again" in output
    assert "Exception ignored" not in output


def test_when_a_flood_ends_before_it_is_stopped_then_the_run_fails_all_the_same(
    tmp_path, monkeypatch
):
    async def comes_too_late(client: Client) -> None:
        """Leave the kernel alone, as if it had been quicker."""

    monkeypatch.setattr(Client, "_kill", comes_too_late)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("print('x' * 9_000)")]
    )
    notebook.cells[0].metadata["origin_pos"] = 0
    request = Request(
        section="one.md",
        tab="alpha",
        notebook=notebook,
        kernel="python3",
        around=Surroundings(
            tmp_path / "run", PurePosixPath("one.md"), *[tmp_path / "none"] * 3
        ),
        preload=(),
        variables={},
        device="cpu",
        limits=Limits(30, 60, 2, 2),
    )
    result = asyncio.run(run_notebook(request))
    assert result.status is Status.FLOODED


def test_when_cells_fail_then_the_other_notebooks_complete(faulty):
    status, output, folder = faulty
    assert status == 1
    assert f"{len(FAULTS)} of {len(FAULTS) + 1} notebooks failed" in output
    report = json.loads((folder / "_build" / "report.json").read_text())
    ended = {row["section"]: row["status"] for row in report}
    assert ended.pop("good.md") == "passed"
    assert "passed" not in ended.values()


def test_when_kernelspecs_are_missing_or_of_another_place_then_they_are_made(tmp_path):
    book = Book(tmp_path, {"one": GOOD})
    (spec,) = tmp_path.glob("_build/jupyter/kernels/*/kernel.json")
    whole = spec.read_text()
    spec.write_text(whole.replace(str(tmp_path), "/no/such/place"))
    book.passes("run")
    assert spec.read_text() == whole
    for damaged in ("", "{", "[]", '{"argv": []}', "\0"):
        spec.write_text(damaged)
        book.passes("run", "--again", "--spawn")
        assert spec.read_text() == whole
    spec.unlink()
    book.passes("run", "--again", "--spawn")
    assert spec.read_text() == whole


@pytest.mark.parametrize("place", ["", "kernels", "kernels/*", "kernels/*/kernel.json"])
def test_when_something_is_in_the_way_of_kernelspecs_then_that_is_told(tmp_path, place):
    book = Book(tmp_path, {"one": GOOD, "two": GOOD})
    (path,) = tmp_path.glob(f"_build/jupyter/{place}")
    if path.is_dir():
        shutil.rmtree(path)
        path.touch()
    else:
        path.unlink()
        path.mkdir()
    status, output = book.bookkit("run")
    assert status == 2
    assert "bug in bookkit" not in output and "Traceback" not in output, output
    assert f"error: {path}" in output
    assert "next: mend that and run the same command again" in output


def test_when_kernelspecs_go_amid_a_run_then_each_notebook_says_what_to_do(tmp_path):
    code = "import shutil\nshutil.rmtree('../../../jupyter')"
    # Either may be the first
    book = Book(tmp_path, {"one": code, "two": code})
    status, output = book.bookkit("run", "-j", "1")
    assert status == 1, output
    assert "bug in bookkit" not in output and "Traceback" not in output, output
    assert ".md [alpha]: NoSuchKernel: No such kernel named faulty-alpha" in output
    for name in ("one", "two"):
        book.write(name, GOOD)
    book.passes("run")


def test_when_a_library_warns_of_its_own_then_the_run_passes(tmp_path):
    old = (
        "def f():\n    import warnings\n    warnings.warn('old', DeprecationWarning)\n"
    )
    code = f"open('lib.py', 'w').write({old!r})\n---\nimport lib\nlib.f()"
    Book(tmp_path, {"one": code}).passes("run")


def test_when_two_notebooks_write_the_same_name_then_they_do_not_meet(tmp_path):
    code = "from pathlib import Path\nPath('f').exists()\n---\nPath('f').touch()"
    book = Book(tmp_path, {"one": code, "two": code})
    for _ in range(2):
        book.passes("run", "--again", "-j", "1")
    stored = [json.loads(p.read_text()) for p in tmp_path.glob("_build/cache/*/*.json")]
    texts = {
        entry["result"]["cells"][0]["outputs"][0]["data"]["text/plain"]
        for entry in stored
    }
    assert texts == {"False"}


def test_when_a_failure_is_kept_then_it_is_told_again_without_a_run(tmp_path):
    book = Book(tmp_path, {"bad": "1 / 0"})
    first = book.bookkit("run")
    began = time.monotonic()
    status, output = book.bookkit("run")
    assert (status, first[0]) == (1, 1)
    assert "ZeroDivisionError" in output
    assert "kept from the last run" in output
    assert time.monotonic() - began < 60


def test_when_interrupted_then_it_ends_soon_and_goes_on_later(tmp_path):
    slow = "import time, pathlib\npathlib.Path('here').touch()\ntime.sleep(3)"
    book = Book(tmp_path, {"good": GOOD, "slow": slow})
    process = book.start("run", "-j", "1")
    folder = tmp_path / "_build" / "run" / "alpha"
    assert wait_until((folder / "slow.md" / "here").exists, 60)
    began = time.monotonic()
    interrupt(process)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == 130, output
    assert "interrupted; finished results are kept" in output
    assert "Traceback" not in output
    assert wait_until(lambda: not processes_with(str(tmp_path)), 2)
    _, output = book.bookkit("run", "--json")
    rows = told(output)["notebooks"]
    assert [row["status"] for row in rows] == ["passed", "passed"]
    assert rows[0]["cached"]


def test_when_the_builder_of_spawned_kernels_is_killed_then_nothing_stays(tmp_path):
    slow = "import time, pathlib\npathlib.Path('here').touch()\ntime.sleep(3)"
    book = Book(tmp_path, {"slow": slow})
    process = book.start("run", "--spawn")
    here = tmp_path / "_build" / "run" / "alpha" / "slow.md" / "here"
    assert wait_until(here.exists, 60)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert wait_until(lambda: not processes_with(str(tmp_path)), 4)
    book.passes("run")


def test_when_a_cell_warns_or_is_asked_for_its_file_then_its_number_is_told(tmp_path):
    code = (
        "import warnings\nwarnings.warn('careful')\n---\n"
        "def f():\n    return f.__code__.co_filename\nf()\n---\n"
        "import inspect, logging\n"
        "logging.warning('at')\ninspect.getsource(f)\n---\n"
        "import traceback\ntry:\n    f(1)\nexcept TypeError:\n    traceback.print_exc()"
    )
    book = Book(tmp_path / "book", {"one": code})
    for options in ([], ["--spawn"]):
        process = book.start("run", "--again", *options)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
        (entry,) = (book.root / "_build" / "cache").glob("??/*.json")
        told = entry.read_text()
        assert "<cell 1>:2: UserWarning: careful" in told
        assert "'<cell 2>'" in told and "def f():" in told
        assert "<cell 4>" in told and "line 3, in" in told
        assert "ipykernel_" not in told


def test_when_a_book_lies_deep_and_is_oddly_named_then_cells_have_short_folders(
    tmp_path, monkeypatch
):
    own = Path(tempfile.mkdtemp(prefix="t"))  # short, and nobody else's
    monkeypatch.setenv("TMPDIR", str(own))
    code = (
        "from multiprocessing import Manager\n"
        "with Manager() as manager:\n    shared = manager.list([1, 2])\n"
        "    print(len(shared))\n---\nimport helper\nhelper.X\n---\n"
        "import os\nopen(os.environ['TMPDIR'] + '/left', 'w').write('1')\n"
        "len(os.environ['TMPDIR'])"
    )
    root = tmp_path / ("deep" * 20) / "a $HOME b's 书 #1"
    root.mkdir(parents=True)
    (root / "helper.py").write_text("X = 7\n")
    book = Book(root, {"one": code})
    process = book.start("run")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert list(own.iterdir()) == []
    own.rmdir()


def test_when_a_run_is_killed_then_the_next_one_removes_its_temporary_files(tmp_path):
    book = Book(tmp_path / "book", {"one": "import time\ntime.sleep(60)"})
    folders = Path(tempfile.gettempdir())
    process = book.start("run")
    wait_until(lambda: list(folders.glob(f"bookkit-{process.pid}-*")), 30)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    book.write("one", "1")
    again = book.start("run")
    output, _ = again.communicate(timeout=60)
    assert again.returncode == 0, output
    assert not list(folders.glob(f"bookkit-{process.pid}-*"))
