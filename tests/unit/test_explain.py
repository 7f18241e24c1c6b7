"""Which part of a notebook's key changed, told without running anything."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from small_books import code, write_book

from bookkit import workflow
from bookkit.book import d2lbook
from bookkit.book.config import Config, load
from bookkit.book.source import read_book
from bookkit.errors import UsageError, nearest
from bookkit.kernels import devices
from bookkit.kernels.environments import environment_of
from bookkit.run.cache import open_stores
from bookkit.run.plan import plan
from bookkit.run.results import CellResult, Failure, Result, Status

CONFIG = """\
[project]
name = small
[build]
tabs = alpha
notebooks = *.md
[library-alpha]
lib_file = small/alpha.py
"""
DOUBLE = "def double(x):  #@save\n    return 2 * x"
CELLS = [
    "from small import alpha as small",
    DOUBLE,
    "#@data table.csv\nsmall.double(21)",
    "open('table.csv').read()",
]


def write(root: Path, cells: list[str], config: str = CONFIG) -> Config:
    text = "# One\n\n" + "".join(code("alpha", cell) for cell in cells)
    book = write_book(root, {"one.md": text, "table.csv": "1"}, config)
    lock = book.locks / "alpha.txt"
    if not lock.exists():
        lock.parent.mkdir(exist_ok=True)
        lock.write_text("numpy==1.0\n")
    return book


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a book whose notebook has passed, in an environment of no content."""
    book = write(tmp_path, CELLS)
    environment = environment_of(book.tabs[0])
    environment.python.parent.mkdir(parents=True)
    environment.python.touch()
    environment.finish("3.11.4")
    install(tmp_path, "numpy-1.0")
    install(tmp_path, "Torch_Like-2.13.0+cpu")
    run(book)
    return tmp_path


def run(book: Config, status: Status = Status.PASSED) -> None:
    stores = open_stores(book)
    for job in plan(book, read_book(book), installed=False):
        section, tab = job.name
        cells = [CellResult(None, [], 0.0) for _ in job.parts.cells]
        failure = None if status is Status.PASSED else Failure("it did")
        result = Result(section, tab, status, cells, 1.25, failure=failure)
        stores.keep(job.parts, result)
    stores.close()


def install(root: Path, name: str) -> Path:
    packages = root / ".envs" / "alpha" / "lib" / "python3.11" / "site-packages"
    folder = packages / f"{name}.dist-info"
    folder.mkdir(parents=True)
    return folder


def changes(book: Config) -> list[str]:
    (told,) = workflow.explanations(book, [])
    assert not told.kept
    return list(told.changes)


def test_when_nothing_changed_then_the_result_is_kept(root):
    (told,) = workflow.explanations(load(root), ["one.md"])
    assert (told.kept, told.status, told.seconds) == (True, "passed", 1.25)
    assert told.changes == ()
    assert told.made.endswith("Z")
    assert str(told).startswith("one.md [alpha]: kept, passed, 1.2 s, made 20")
    assert str(root / "_build" / "cache") in str(told)
    assert json.loads(json.dumps(asdict(told)))["kept"] is True


def test_when_it_never_ran_then_that_is_said(tmp_path):
    book = write(tmp_path, CELLS)
    assert changes(book) == ["never run"]
    assert not (tmp_path / "_build" / "cache").exists()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([*CELLS[:3], "1"], ["cell 4 (one.md:21)"]),
        ([*CELLS, "1"], ["cell 5 (one.md:26) is new"]),
        (CELLS[:3], ["cell 4 of the last run is gone"]),
        (
            [CELLS[0], DOUBLE.replace("2", "3"), *CELLS[2:]],
            ["cell 2 (one.md:9)", "saved function double"],
        ),
        (
            [CELLS[0], DOUBLE.replace("  #@save", ""), *CELLS[2:]],
            ["cell 2 (one.md:9)", "saved function double is gone"],
        ),
        (
            [*CELLS[:2], CELLS[2].split("\n")[1], CELLS[3]],
            ["data file table.csv is gone", "file table.csv is new"],
        ),
    ],
    ids=["changed", "new", "gone", "saved", "unsaved", "undeclared"],
)
def test_when_cells_change_then_they_are_named(root, cells, told):
    assert changes(write(root, cells)) == told


def test_when_saved_code_imports_otherwise_then_it_is_named(root):
    saved = "def root(x):  #@save\n    return math.sqrt(x)"
    cells = ["from small import alpha as small", "import math", saved, "small.root(4)"]
    run(write(root, cells))
    cells[1] = "import cmath as math"
    told = ["cell 2 (one.md:9)", "imports of small.alpha"]
    assert changes(write(root, cells)) == told


def test_when_only_prose_changes_then_the_result_is_kept(root):
    section = root / "one.md"
    section.write_text(section.read_text().replace("# One", "# One\r\n\r\nMore."))
    (told,) = workflow.explanations(load(root), [])
    assert (told.kept, told.changes) == (True, ())


def test_when_the_lock_changes_then_it_is_told_without_an_installation(root):
    (root / "envs" / "alpha.txt").write_text("numpy==2.0\n")
    assert changes(load(root)) == ["environment is stale"]
    (root / ".envs" / "alpha").rename(root / "elsewhere")
    assert changes(load(root)) == ["environment is missing"]


def test_when_packages_change_then_each_is_named(root):
    old = root / ".envs/alpha/lib/python3.11/site-packages/numpy-1.0.dist-info"
    old.rename(old.with_name("~umpy-1.0.dist-info"))
    assert changes(load(root)) == ["package numpy is gone"]
    old.with_name("Torch_Like-2.13.0+cpu.dist-info").rename(
        old.with_name("Torch_Like-2.13.0+cu130.dist-info")
    )
    install(root, "nvidia_cublas-13.1")
    assert changes(load(root)) == [
        "package numpy is gone",
        "package nvidia-cublas 13.1 is new",
        "package torch-like 2.13.0+cpu -> 2.13.0+cu130",
    ]


def test_when_python_changes_then_both_are_named(root):
    environment_of(load(root).tabs[0]).finish("3.11.9")
    assert changes(load(root)) == ["Python 3.11.4 -> 3.11.9"]


def test_when_a_data_file_changes_then_it_is_named(root):
    (root / "table.csv").write_text("2")
    assert changes(load(root)) == ["data file table.csv"]


def test_when_the_device_changes_then_both_are_named(root, monkeypatch):
    monkeypatch.setattr(devices, "gpu_names", lambda: ("NVIDIA H100",))
    monkeypatch.setattr(d2lbook, "gpus_wanted", lambda notebook, most: 1)
    assert changes(load(root)) == ["device cpu -> NVIDIA H100"]


def test_when_a_variable_changes_then_it_is_named(root):
    config = CONFIG + "[bookkit-alpha]\nenvironment = LEVEL=1\n"
    assert changes(write(root, CELLS, config)) == ["environment variable LEVEL is new"]


def test_when_a_setting_changes_then_it_is_named(root):
    config = CONFIG + "[bookkit]\nallow_errors = one.md\ndeprecations = error\n"
    told = ["setting allow_errors is new", "setting deprecations is gone"]
    assert changes(write(root, CELLS, config)) == told


def test_when_a_cell_is_declared_to_raise_then_it_is_named(root):
    cells = [*CELLS[:3], f"#@raises-exception\n{CELLS[3]}"]
    assert changes(write(root, cells)) == ["cell 4 (one.md:21)"]


def test_when_a_notebook_is_not_to_run_then_it_is_said_by_what(root):
    config = CONFIG + "[bookkit]\nno_run = alpha:*.md\n"
    (told,) = workflow.explanations(write(root, CELLS, config), [])
    assert str(told) == "one.md [alpha]: not run, as declared by no_run in config.ini"


def test_when_no_cell_is_to_run_then_no_kernel_is_started(root):
    (told,) = workflow.explanations(write(root, ["#@no-run\n1", "#@no-run\n2"]), [])
    assert str(told).endswith("not run, as declared by `#@no-run` in every cell")


def test_when_the_entry_is_gone_then_that_is_said(root):
    for path in root.glob("_build/cache/*/*.json"):
        path.unlink()
    told = ["the kept result is gone, or cannot be used any more"]
    assert changes(load(root)) == told


def test_when_code_is_as_it_once_was_then_it_is_kept_and_told(root):
    run(write(root, [*CELLS[:3], "1"]), Status.RAISED)
    (told,) = workflow.explanations(write(root, CELLS), [])
    assert (told.kept, told.status) == (True, "passed")
    assert told.changes == ("cell 4 (one.md:21)",)


def test_when_a_section_is_unknown_then_it_is_said(root):
    with pytest.raises(UsageError, match=r"on\.md: no such section") as caught:
        workflow.explanations(load(root), ["on.md"])
    assert "expected: perhaps `one.md`" in str(caught.value)


@pytest.mark.parametrize("name", ["readwrite.md", "Read-Write", "read-wirte.md"])
def test_when_the_end_of_a_path_is_near_then_the_path_is_named(name):
    known = ["chapter_one/read-write.md", "chapter_one/use-gpu.md", "index.md"]
    assert nearest(name, known) == "perhaps `chapter_one/read-write.md`"
    assert nearest("nothing.md", known) == ""
