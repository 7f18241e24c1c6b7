"""Calls that never return, and a store in memory: nothing is waited for long."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bookkit.book.config import CONFIG_NAME, Config, load
from bookkit.book.config.store import StoreSettings
from bookkit.errors import ConfigError
from bookkit.run.cache import Entry, Folder, Parts, Stores
from bookkit.run.cache.shared import PATIENCE, Shared
from bookkit.run.results import Failure, Result, Status

PARTS = Parts("alpha", (), {}, {"lib": "1.0"}, "3.11.7")
RESULT = Result("s.md", "alpha", Status.PASSED, [])


def stores(folder: Path, url: str, write: bool) -> Stores:
    return Stores(Folder(folder), Shared(StoreSettings(url, write), folder))


@pytest.mark.parametrize("status", [Status.TIMED_OUT, Status.FLOODED])
def test_when_a_machine_may_be_to_blame_then_it_is_not_passed_on(tmp_path, status):
    url = f"memory://{status.name}"
    first = stores(tmp_path / "first", url, write=True)
    failed = Result("s.md", "alpha", status, [], failure=Failure("it did"))
    first.keep(PARTS, failed)
    first.close()
    assert Folder(tmp_path / "first").get(PARTS.key) is not None
    assert stores(tmp_path / "second", url, write=False).fetch([PARTS.key]) == {}


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
    shared = Shared(StoreSettings("memory://slow", timeout_s=0.4), tmp_path)
    monkeypatch.setattr(shared, "_connect", lambda: Store(0.1))
    began = time.monotonic()
    found = dict(shared.fetch(f"{number:064}" for number in range(900)))
    assert 0 < len(found) < 900
    assert time.monotonic() - began < 0.4 * (PATIENCE + 8)
    assert not shared.usable and "going on without it" in caplog.text


def test_when_a_url_holds_a_password_then_no_notice_shows_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shared = Shared(StoreSettings("nonsense://me:secret@host/x"), tmp_path)
    assert list(shared.fetch(["0" * 64])) == []
    assert "nonsense://host/x" in caplog.text
    assert "secret" not in caplog.text


def test_when_no_store_is_shared_then_fsspec_is_not_imported():
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
    "store": "/shared",
    "store_write": "True",
    "store_timeout_s": "1.5",
    "store_options": '{"anon": true}',
}


def configure(root: Path, keys: dict[str, str]) -> Config:
    """Load a book with these keys of ours."""
    rows = [f"{key} = {value}" for key, value in keys.items()]
    text = "\n".join(["[build]", "tabs = alpha", "[bookkit]", *rows])
    (root / CONFIG_NAME).write_text(text, encoding="utf-8")
    return load(root)


def test_when_the_configuration_is_right_then_it_is_read(tmp_path):
    read = configure(tmp_path, GOOD).store
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
def test_when_the_configuration_is_wrong_then_the_key_is_named(tmp_path, wrong):
    (key,) = wrong
    with pytest.raises(ConfigError, match=f"config.ini:.*{key}"):
        configure(tmp_path, {**GOOD, **wrong})


def test_when_an_entry_was_shared_then_its_text_reads_the_same():
    text = Entry(PARTS, RESULT, {"cell_s": 1.0}, "now").to_text()
    assert text.isascii()
