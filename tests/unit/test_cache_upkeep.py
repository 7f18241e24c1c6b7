"""How large the store is, and which entries go first."""

import os
import time
from pathlib import Path

import pytest
from small_books import write_book

from bookkit.errors import UsageError
from bookkit.run.cache import describe
from bookkit.run.cache.upkeep import files_of, prune

DAY = 86400.0


def fill(folder: Path, *ages_s: float, size: int = 100) -> list[Path]:
    paths = []
    for number, age_s in enumerate(ages_s):
        path = folder / f"{number % 256:02x}" / f"{number:064x}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        used = time.time() - age_s
        os.utime(path, (used, used))
        paths.append(path)
    return paths


def test_when_a_store_is_too_large_then_the_least_recently_used_go(tmp_path):
    old, new, middle = fill(tmp_path, 3 * DAY, 0, DAY)
    removed = prune(tmp_path, max_size=250)
    assert [file.path for file in removed] == [old]
    assert [path.exists() for path in (old, new, middle)] == [False, True, True]


def test_when_entries_are_too_old_then_they_go(tmp_path):
    old, new = fill(tmp_path, 31 * DAY, 29 * DAY)
    assert len(prune(tmp_path, max_age_s=30 * DAY)) == 1
    assert (old.exists(), new.exists()) == (False, True)


def test_when_the_clock_was_set_back_then_entries_count_as_new(tmp_path: Path) -> None:
    book = write_book(tmp_path, {"one.md": "# One\n"})
    folder = tmp_path / "_build" / "cache"
    ahead, old = fill(folder, -400 * DAY, DAY)
    assert "last used 1 d ago to just now" in describe.describe(book)[0]
    assert len(prune(folder, max_size=100, max_age_s=2 * DAY)) == 1
    assert (ahead.exists(), old.exists()) == (True, False)


def test_when_a_writer_was_killed_then_what_it_left_goes_after_a_day(tmp_path):
    fill(tmp_path, 0)
    leftovers = [tmp_path / "00" / f".{number}.json.1.part" for number in range(2)]
    for path, age_s in zip(leftovers, [2 * DAY, 0], strict=True):
        path.write_text("half")
        os.utime(path, (time.time() - age_s, time.time() - age_s))
    assert prune(tmp_path) == []
    assert [path.exists() for path in leftovers] == [False, True]


def test_when_another_build_removes_one_then_pruning_goes_on(tmp_path, monkeypatch):
    fill(tmp_path, DAY, DAY)
    unlink, calls = os.unlink, []

    def twice(path: str) -> None:
        if not calls:
            unlink(path)  # the other build was quicker
        calls.append(path)
        unlink(path)

    monkeypatch.setattr("os.unlink", twice)
    assert len(prune(tmp_path, max_size=0)) == 1
    assert files_of(tmp_path) == []


def test_when_there_is_no_store_then_nothing_is_told_or_removed(tmp_path: Path) -> None:
    assert files_of(tmp_path / "none") == []
    assert prune(tmp_path / "none", max_size=0) == []


@pytest.mark.parametrize(
    ("size", "age", "gone"),
    [("0.3kB", None, 1), ("1.5 GB", None, 0), ("300", None, 1), (None, "30d", 2)],
)
def test_when_a_size_or_age_is_written_then_it_is_read(
    tmp_path: Path, size: str | None, age: str | None, gone: int
) -> None:
    fill(tmp_path / "_build" / "cache", 0, DAY, 31 * DAY, 32 * DAY)
    told = describe.prune(write_book(tmp_path, {"one.md": "# One\n"}), size, age)
    noun = "entry" if gone == 1 else "entries"
    assert told.startswith(f"removed: {gone} {noun}, {gone * 100} bytes".rstrip())


@pytest.mark.parametrize(
    ("size", "age"), [("much", None), ("1..5MB", None), (None, "old"), (None, "30")]
)
def test_when_a_size_or_age_is_nonsense_then_it_is_said(tmp_path, size, age):
    with pytest.raises(UsageError):
        describe.prune(write_book(tmp_path, {"one.md": "# One\n"}), size, age)
