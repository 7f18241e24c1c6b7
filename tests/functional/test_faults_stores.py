"""Stores that are damaged, full, shared or old; clocks and paths out of the common."""

import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_rounds import (
    ROUNDS,
    are_gone,
    cached,
    entries,
    half_written,
    outputs,
    told,
)
from faulty_books import SITE_CONFIG, Book

from bookkit.run.cache import Folder

CELLS = {f"s{number}": f"print('word ' * 50)\n{number}" for number in range(4)}
YEARS_S = 10 * 365 * 86400


# At once


@pytest.mark.parametrize("commands", [("run",) * 8, ("build", "notebooks", "run")])
def test_when_many_work_on_one_book_then_each_thing_runs_once(tmp_path, commands):
    book = Book(tmp_path, CELLS, SITE_CONFIG)
    processes = [book.start(command) for command in commands]
    said = [process.communicate(timeout=100)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(commands), said
    ran = [section for output in said for section in told(output)]
    assert sorted(ran) == sorted(CELLS)
    assert sum("waiting" in output for output in said) >= len(commands) - 1
    assert any(f"(process {one.pid}); waiting" in "".join(said) for one in processes)
    assert half_written(tmp_path / "_build" / "cache") == []
    assert are_gone(tmp_path)


def share(book: Book, store: Path) -> None:
    """Let a book keep its results in a folder outside of it."""
    store.mkdir(exist_ok=True)
    (book.root / "_build").mkdir(exist_ok=True)
    (book.root / "_build" / "cache").symlink_to(store)


def test_when_eight_books_share_results_then_all_of_them_are_whole(tmp_path):
    store = tmp_path / "store"
    books = []
    for number in range(8):
        book = Book(tmp_path / f"book{number}", {**CELLS, "own": f"'own {number}'"})
        share(book, store)
        books.append(book)
    processes = [book.start("run") for book in books]
    for process in processes:
        said, _ = process.communicate(timeout=100)
        assert process.returncode == 0, said
    assert half_written(store) == []
    assert len(entries(store)) == len(CELLS) + len(books)
    last = Book(tmp_path / "last", {**CELLS, "own": "'own 0'"})
    share(last, store)
    last.passes("run")
    assert all(cached(last).values())
    assert are_gone(tmp_path)


# Damage


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Return a book with everything kept; tests work on copies of its store."""
    book = Book(tmp_path_factory.mktemp("sound"), CELLS)
    book.passes("notebooks")
    return book


@pytest.fixture
def entry(sound: Book, tmp_path: Path) -> Path:
    """Return one entry in a store of its own."""
    found = entries(sound.root / "_build" / "cache")[0]
    path = tmp_path / found.parent.name / found.name
    path.parent.mkdir()
    shutil.copyfile(found, path)
    return path


def is_trusted(path: Path) -> bool:
    return Folder(path.parents[1]).get(path.stem) is not None


def test_when_an_entry_is_cut_at_any_length_then_it_is_not_trusted(entry):
    content = entry.read_bytes()
    assert is_trusted(entry)
    trusted = []
    for length in range(len(content)):
        entry.write_bytes(content[:length])
        if is_trusted(entry):
            trusted.append(length)
    assert trusted == []
    entry.write_bytes(content + content)
    assert not is_trusted(entry)


def test_when_any_bit_is_flipped_then_the_result_is_right_or_not_trusted(entry):
    content = bytearray(entry.read_bytes())
    store = Folder(entry.parents[1])
    kept = store.get(entry.stem)
    assert kept is not None
    chance = random.Random(1)
    begin = content.index(b'"result"')
    for place in range(len(content)):
        bit = 1 << chance.randrange(8)
        content[place] ^= bit
        entry.write_bytes(content)
        found = store.get(entry.stem)
        assert found is None or found.result == kept.result, place
        # Space between tokens is no part of a result.
        is_space = not chr(content[place] ^ bit).strip()
        assert found is None or place < begin or is_space, place
        content[place] ^= bit


def damage(path: Path, how: str, other: Path) -> None:
    """Put something else in the place of an entry."""
    content = path.read_text()
    path.unlink()
    if how == "another key's":
        shutil.copyfile(other, path)
    elif how == "a directory":
        path.mkdir()
        (path / "file").write_text("x")
    elif how == "unreadable":
        path.symlink_to(path)  # root may read whatever its mode is
    elif how == "a pipe":
        os.mkfifo(path)
    elif how == "dangling":
        path.symlink_to("nowhere")
    elif how == "altered":
        assert "word word" in content
        path.write_text(content.replace("word word", "lord lord"))
    else:
        texts = {
            "empty": "",
            "cut": content[: len(content) // 2],
            "of the future": json.dumps({**json.loads(content), "format": 99}),
            "nested": "[" * 100_000,
            "zeros": "\0" * len(content),
            "no text": "\udcff\udcfe",
            "a number": "1" * 10_000,
            "infinite": content.replace('"seconds": ', '"seconds": Infinity, "x": '),
        }
        path.write_bytes(texts[how].encode(errors="surrogateescape"))


DAMAGES = (
    "another key's",
    "a directory",
    "unreadable",
    "dangling",
    "altered",
    "empty",
    "cut",
    "of the future",
    "nested",
    "zeros",
    "no text",
    "a number",
    "infinite",
)


def test_when_entries_are_damaged_then_they_are_run_again_and_mended(tmp_path):
    cells = {f"d{n}": f"print('word ' * 50)\n{n}" for n in range(len(DAMAGES))}
    book = Book(tmp_path, {**cells, "whole": "'whole'"})
    book.passes("notebooks")
    expected = outputs(book)
    store = tmp_path / "_build" / "cache"
    found = entries(store)
    whole = next(path for path in found if "'whole'" in path.read_text())
    found.remove(whole)
    for path, how in zip(found, DAMAGES, strict=True):
        damage(path, how, whole)
    said = book.passes("notebooks")
    assert told(said) == set(cells)
    assert "Traceback" not in said
    assert "ignored" in said
    assert outputs(book) == expected
    assert half_written(store) == []
    said = book.passes("notebooks")
    assert all(cached(book).values())
    assert "ignored" not in said


def test_when_the_shared_files_of_a_store_are_damaged_then_a_run_is_right(tmp_path):
    book = Book(tmp_path, CELLS)
    book.passes("run")
    output = tmp_path / "_build"
    files = [
        path
        for path in (*output.glob("*"), *(output / "cache").glob("*"))
        if path.is_file() and path.suffix == ".json"
    ]
    assert len(files) >= 2
    for text in ("", "[]", "{", '{"format": 99}', "null", '{"a": {"b": [null]}}'):
        for path in files:
            path.write_text(text)
        status, said = book.bookkit("run")
        assert status == 0, (text, said)
        assert "bug in bookkit" not in said
        assert all(cached(book).values())
    # A report that cannot be written is an error, told elsewhere.
    files = [path for path in files if path.name != "report.json"]
    for path in files:
        path.unlink()
        path.mkdir()
    status, said = book.bookkit("run", "--again")
    assert "bug in bookkit" not in said
    for path in files:
        shutil.rmtree(path)
    book.passes("run")
    assert all(cached(book).values())


def test_when_a_killed_writer_left_a_part_then_it_harms_nobody(tmp_path):
    book = Book(tmp_path, CELLS)
    book.passes("run")
    for path in entries(tmp_path / "_build" / "cache"):
        part = path.with_name(f".{path.name}.4711.part")
        part.write_text(path.read_text()[:20])
    book.passes("run")
    assert all(cached(book).values())


# Disks


@contextlib.contextmanager
def small_disk(folder: Path, size_k: int) -> Iterator[None]:
    """Mount a file system of a few kilobytes."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_k}k", "x", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)
    return filler


def test_when_the_store_is_full_then_the_run_passes_and_says_so(tmp_path):
    book = Book(tmp_path, CELLS)
    store = tmp_path / "_build" / "cache"
    with small_disk(store, 64):
        filler = fill(store)
        said = book.passes("notebooks")
        assert said.count("No space left on device") == 1
        assert entries(store) == half_written(store) == []
        expected = outputs(book)
        filler.unlink()
        book.passes("notebooks")
        assert set(cached(book).values()) == {False}
        book.passes("notebooks")
        assert all(cached(book).values())
        assert outputs(book) == expected


@pytest.mark.parametrize("free_k", [0, 4, 20, 12, 40, 8, 16, 28][: max(3, ROUNDS // 2)])
def test_when_the_disk_fills_up_then_it_is_told_and_later_right(tmp_path, free_k):
    root = tmp_path / "book"
    with small_disk(root, 400):
        book = Book(root, CELLS)
        filler = fill(root)
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - 1024 * free_k)
        status, said = book.bookkit("run")
        assert status in (0, 1, 2), said
        assert "bug in bookkit" not in said
        assert "No space left on device" in said or status == 0
        assert status != 0 or free_k
        finished = told(said)
        halves = half_written(root / "_build" / "cache")
        assert halves == []
        filler.unlink()
        said = book.passes("run")
        assert finished | told(said) == set(CELLS)
        assert all(
            row["status"] == "passed"
            for row in json.loads((root / "_build" / "report.json").read_text())
        )
        assert are_gone(root)


#: Kilobytes that are free: they run out in another step of a build each.
FREE_K = [0, 100, 1200, 300, 600, 900][: max(3, ROUNDS // 2)]


@pytest.mark.parametrize("free_k", FREE_K)
def test_when_the_disk_fills_up_amid_pages_then_it_is_told(tmp_path, free_k):
    root = tmp_path / "book"
    with small_disk(root, 12_000):
        book = Book(root, CELLS, SITE_CONFIG)
        filler = fill(root)
        with filler.open("r+b") as file:
            file.truncate(filler.stat().st_size - 1024 * free_k)
        status, said = book.bookkit("build")
        assert status in (1, 2), said
        assert "bug in bookkit" not in said and "Traceback" not in said, said
        assert "No space left on device" in said
        assert are_gone(root)
        filler.unlink()
        book.passes("build")
        assert (root / "_build" / "html" / "s0.html").is_file()


def test_when_there_is_no_room_for_temporary_files_then_another_place_is_taken(
    tmp_path,
):
    book = Book(tmp_path / "book", CELLS)
    with small_disk(tmp_path / "tmp", 64):
        filler = fill(tmp_path / "tmp")
        book.passes("run", TMPDIR=str(tmp_path / "tmp"))
        assert list((tmp_path / "tmp").iterdir()) == [filler]


def test_when_the_store_cannot_be_written_then_what_it_has_is_used(tmp_path):
    book = Book(tmp_path, CELLS)
    store = tmp_path / "_build" / "cache"
    with small_disk(store, 400):
        book.passes("run")
        subprocess.run(["mount", "-o", "remount,ro", str(store)], check=True)
        book.write("s0", "'new'")
        for _ in range(2):
            said = book.passes("run")
            assert "Read-only file system" in said
            assert "bug in bookkit" not in said
            assert told(said) == {"s0"}
            assert sum(cached(book).values()) == len(CELLS) - 1


# Clocks


def set_times(folder: Path, seconds: float) -> None:
    for path in folder.rglob("*"):
        if ".envs" not in path.parts and not path.is_symlink():
            os.utime(path, (seconds, seconds))


def test_when_file_times_are_wrong_then_only_edits_run(tmp_path):
    book = Book(tmp_path, CELLS, SITE_CONFIG)
    book.passes("build")
    pages = tmp_path / "_build" / "html"
    for shift in (-YEARS_S, YEARS_S):
        set_times(tmp_path, time.time() + shift)
        status, said = book.bookkit("build")
        assert (status, told(said)) == (0, set()), said
        assert all(cached(book).values())
    set_times(tmp_path, time.time() + YEARS_S)
    book.write("s1", "'an edit of code'")
    prose = tmp_path / "s2.md"
    prose.write_text(prose.read_text().replace("Words.", "An edit of prose."))
    for path in (prose, tmp_path / "s1.md"):
        os.utime(path, (1e9, 1e9))  # older than every product
    status, said = book.bookkit("build")
    assert (status, told(said)) == (0, {"s1"}), said
    assert "an edit of code" in (pages / "s1.html").read_text()
    assert "An edit of prose." in (pages / "s2.html").read_text()
    notebook = tmp_path / "_build" / "notebooks" / "alpha" / "s1.ipynb"
    assert "an edit of code" in notebook.read_text()


# Much, and odd places


WATCH = """
import atexit, os, sys

looked_at = []

def note(event, arguments):
    if event in ("open", "os.listdir", "os.scandir"):
        path = str(arguments[0])
        if path.startswith(os.environ["WATCHED"]):
            looked_at.append(path)

sys.addaudithook(note)
atexit.register(lambda: print("looked at", len(looked_at)))
"""


def test_when_a_store_holds_ten_thousand_entries_then_a_run_looks_at_no_more(tmp_path):
    book = Book(tmp_path / "book", CELLS)
    book.passes("run")
    store = book.root / "_build" / "cache"
    (tmp_path / "sitecustomize.py").write_text(WATCH)

    def looked_at() -> int:
        watching = {"PYTHONPATH": str(tmp_path), "WATCHED": str(store)}
        said = book.passes("run", **watching)
        assert all(cached(book).values())
        return int(re.findall(r"looked at (\d+)", said)[-1])

    few = looked_at()
    assert few >= len(CELLS)
    text = entries(store)[0].read_text()
    chance = random.Random(3)
    for _ in range(10_000):
        key = f"{chance.getrandbits(256):064x}"
        (store / key[:2]).mkdir(exist_ok=True)
        (store / key[:2] / f"{key}.json").write_text(text)
    assert looked_at() == few


def test_when_the_path_is_odd_then_the_book_is_built(tmp_path):
    name = 'it\'s 一本 "书"/深度学习 (2)/$HOME & co; #1 100% {x}'
    cells = {
        "kernel": "import os\n---\nos.path.basename(os.getcwd())",
        "writes": "open('书', 'w').write('y')\n---\nopen('书').read()",
    }
    book = Book(tmp_path / name, cells, SITE_CONFIG)
    book.passes("build")
    page = book.root / "_build" / "html" / "kernel.html"
    assert "kernel" in page.read_text()
    status, said = book.bookkit("build")
    assert (status, told(said)) == (0, set()), said
    assert book.bookkit("run")[0] == 0  # a build with nothing to do reports none
    assert all(cached(book).values())
    assert are_gone(tmp_path)
