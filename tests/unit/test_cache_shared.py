"""Calls that never return, and a store in memory: nothing is waited for long."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookkit.book.config.store import StoreSettings, read_store
from bookkit.errors import ConfigError
from bookkit.run.cache import Entry, Folder, Parts, Stores
from bookkit.run.cache.shared import PATIENCE, Shared
from bookkit.run.results import Result, Status

PARTS = Parts("alpha", ("1",), {}, {"lib": "1.0"}, "3.11.7")
RESULT = Result("s.md", "alpha", Status.PASSED, [])


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """Return an event that comes when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def stores(folder: Path, url: str, write: bool) -> Stores:
    """Open a book's stores with a shared one."""
    return Stores(Folder(folder), Shared(StoreSettings(url, write), folder))


def test_when_another_book_kept_a_result_then_it_is_found_and_copied(
    tmp_path: Path,
) -> None:
    first = stores(tmp_path / "first", "memory://kept", write=True)
    first.keep(PARTS, RESULT)
    first.close()
    second = stores(tmp_path / "second", "memory://kept", write=False)
    found = second.fetch([PARTS.key, "0" * 64], look_only=True)
    assert found[PARTS.key].origin == "memory://kept"
    assert not (tmp_path / "second").exists()
    assert set(second.fetch([PARTS.key])) == {PARTS.key}
    assert Folder(tmp_path / "second").get(PARTS.key) is not None
    assert second.shared is not None
    listed = second.shared.entries()
    assert listed is not None and len(listed) == 1


@pytest.mark.parametrize("status", [Status.TIMED_OUT, Status.DIED, Status.FLOODED])
def test_when_a_machine_may_be_to_blame_then_a_failure_is_not_passed_on(
    tmp_path: Path, status: Status
) -> None:
    url = f"memory://{status.name}"
    first = stores(tmp_path / "first", url, write=True)
    first.keep(PARTS, Result("s.md", "alpha", status, []))
    first.close()
    assert Folder(tmp_path / "first").get(PARTS.key) is not None
    assert stores(tmp_path / "second", url, write=False).fetch([PARTS.key]) == {}


def test_when_a_store_hangs_then_the_first_request_ends_it(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    never: threading.Event,
) -> None:
    settings = StoreSettings("memory://hangs", True, timeout_s=0.2)
    shared = Shared(settings, tmp_path)
    monkeypatch.setattr(shared, "_connect", never.wait)
    opened = Stores(Folder(tmp_path), shared)
    began = time.monotonic()
    assert opened.fetch(f"{number:064}" for number in range(20)) == {}
    opened.keep(PARTS, RESULT)
    opened.close()
    assert time.monotonic() - began < 1
    assert caplog.text.count("no answer in 0.2 s; going on without it") == 1
    assert not shared.usable


class Store:
    """A store's client, each of whose requests takes its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def cat_file(self, path: str) -> bytes:
        time.sleep(self.seconds)
        return path.encode()


def test_when_a_store_answers_then_every_entry_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Shared(StoreSettings("memory://slow", timeout_s=5), tmp_path)
    monkeypatch.setattr(shared, "_connect", lambda: Store(0.01))
    threads = threading.active_count()
    assert len(dict(shared.fetch(f"{number:064}" for number in range(50)))) == 50
    assert shared.usable
    deadline = time.monotonic() + 5
    while threading.active_count() > threads and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= threads


def test_when_every_request_is_slow_then_all_together_are_bounded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = Shared(StoreSettings("memory://slow", timeout_s=0.1), tmp_path)
    monkeypatch.setattr(shared, "_connect", lambda: Store(0.09))
    began = time.monotonic()
    found = dict(shared.fetch(f"{number:064}" for number in range(300)))
    assert 0 < len(found) < 300
    assert time.monotonic() - began < 0.1 * (PATIENCE + 8)
    assert not shared.usable and "going on without it" in caplog.text


def test_when_a_url_holds_a_password_then_no_notice_shows_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shared = Shared(StoreSettings("nonsense://me:secret@host/x"), tmp_path)
    assert list(shared.fetch(["0" * 64])) == []
    assert "nonsense://host/x" in caplog.text
    assert "secret" not in caplog.text


def test_when_no_store_is_shared_then_fsspec_is_not_imported() -> None:
    code = (
        "import sys, pathlib; from bookkit.run import cache, execute, explain;"
        "import bookkit.run.cache.describe;"
        "from bookkit.book.config import load; book = load(pathlib.Path('.'));"
        "cache.open_stores(book).fetch(['0' * 64], look_only=True);"
        "sys.exit('fsspec' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


GOOD = {
    "store": " /shared ",
    "store_write": "True",
    "store_timeout_s": "1.5",
    "store_options": '{"anon": true}',
}


def test_when_the_configuration_is_right_then_it_is_read() -> None:
    read = read_store(GOOD, str)
    assert read == StoreSettings("/shared", True, 1.5, {"anon": True})


@pytest.mark.parametrize(
    "wrong",
    [
        {"store_write": "maybe"},
        {"store_timeout_s": "0"},
        {"store_timeout_s": "nan"},
        {"store_timeout_s": "inf"},
        {"store_timeout_s": "soon"},
        {"store_options": "{"},
        {"store_options": "[1]"},
    ],
    ids=str,
)
def test_when_the_configuration_is_wrong_then_the_key_is_named(
    wrong: dict[str, str],
) -> None:
    (key,) = wrong
    with pytest.raises(ConfigError, match=key):
        read_store({**GOOD, **wrong}, str)


def test_when_an_entry_was_shared_then_its_text_reads_the_same() -> None:
    text = Entry(PARTS, RESULT, {"cell_s": 1.0}, "now").to_text()
    assert text.isascii()
