"""Calls that never return, and a store in memory: nothing is waited for long."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bookkit.book.config import CONFIG_NAME, Config, load
from bookkit.book.config.store import StoreSettings
from bookkit.errors import ConfigError
from bookkit.run.cache import Entry, Folder, Parts, Stores
from bookkit.run.cache.calls import PATIENCE, Calls
from bookkit.run.cache.shared import Shared
from bookkit.run.results import Result, Status

PARTS = Parts("alpha", ("1",), {}, {"lib": "1.0"}, "3.11.7")
RESULT = Result("s.md", "alpha", Status.PASSED, [])


def test_when_every_call_is_slow_then_all_together_are_bounded():
    calls = Calls(0.1)
    for number in range(200):
        calls.submit(str(number), lambda: time.sleep(0.09))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        list(calls.outcomes())
    calls.stop()
    assert time.monotonic() - began < 0.1 * (PATIENCE + 2)


def stores(folder: Path, url: str, write: bool) -> Stores:
    return Stores(Folder(folder), Shared(StoreSettings(url, write), folder))


@pytest.mark.parametrize("status", [Status.TIMED_OUT, Status.DIED, Status.FLOODED])
def test_when_a_machine_may_be_to_blame_then_it_is_not_passed_on(tmp_path, status):
    url = f"memory://{status.name}"
    first = stores(tmp_path / "first", url, write=True)
    first.keep(PARTS, Result("s.md", "alpha", status, []))
    first.close()
    assert Folder(tmp_path / "first").get(PARTS.key) is not None
    assert stores(tmp_path / "second", url, write=False).fetch([PARTS.key]) == {}


def test_when_a_url_holds_a_password_then_no_notice_shows_it(tmp_path, caplog):
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
