"""Kept results: they come back as they were, or are ignored with a notice."""

import json
import os
import pickle
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from bookkit.book.config.store import StoreSettings
from bookkit.run.cache import Entry, Folder, Ledger, Parts, Stores
from bookkit.run.cache.counters import read_counters
from bookkit.run.cache.sealed import seal
from bookkit.run.cache.shared import Shared
from bookkit.run.committed.file import file_name, read
from bookkit.run.results import CellResult, Failure, Result, Status

PARTS = Parts("alpha", ("1", "2"), {"f": "2"}, {"lib": "1.0"}, "3.11.7")
OUTPUT = {"output_type": "stream", "name": "stdout", "text": "中文\n"}
RESULT = Result(
    section="s.md",
    tab="alpha",
    status=Status.RAISED,
    cells=[CellResult(1, [OUTPUT], 0.5), CellResult(None, [], 0.0)],
    seconds=1.5,
    versions={"python": "3.11.7"},
    failure=Failure("it raised", 3, "trace", "printed"),
)
ENTRY = Entry(PARTS, RESULT, {"cell_s": 60.0}, "2026-01-31T23:59:59Z")


def kept(folder: Path) -> Path:
    Folder(folder).put(ENTRY)
    (path,) = folder.rglob("*.json")
    return path


def test_when_a_result_is_kept_then_it_comes_back_as_it_was(tmp_path):
    path = kept(tmp_path)
    found = Folder(tmp_path).get(PARTS.key)
    assert found is not None and found.result.cached
    assert found.result.to_json() == RESULT.to_json()
    assert (found.parts, found.limits, found.made) == (PARTS, ENTRY.limits, ENTRY.made)
    assert Folder(tmp_path).get("ab13") is None
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [path]


def alter(**changes: Any) -> str:
    return json.dumps({**json.loads(ENTRY.to_text()), **changes})


def sealed(**changes: Any) -> str:
    """Return it altered by somebody who knows how to seal."""
    content = json.loads(ENTRY.to_text())
    del content["sha256"]
    return json.dumps(seal({**content, **changes}, content["format"]))


ALTERED = {**RESULT.to_json(), "status": "passed"}
DAMAGES = {
    "empty": "",
    "truncated": ENTRY.to_text()[:-40],
    "zeros": "\0" * 99,
    "not UTF-8": "\udcff",
    "a list": "[]",
    "a number": "1",
    "deep": "[" * 100_000,
    "altered": alter(result=ALTERED),
    "other parts": sealed(parts=asdict(replace(PARTS, python="3.12.1"))),
    "no parts": sealed(parts=None),
    "odd parts": sealed(parts={"cells": 1}),
    "odd limits": alter(limits={"cell_s": "much"}),
    "the future": alter(format=99),
    "the past": json.dumps({"key": PARTS.key, "result": RESULT.to_json()}),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_when_an_entry_is_damaged_then_it_is_made_again(tmp_path, caplog, damage):
    path = kept(tmp_path)
    path.write_text(DAMAGES[damage], errors="surrogateescape")
    folder = Folder(tmp_path)
    assert folder.get(PARTS.key) is None
    assert caplog.text.count("ignored") == 1
    folder.put(ENTRY)
    assert folder.get(PARTS.key) is not None


def test_when_a_store_is_no_folder_then_one_notice_says_so(tmp_path, caplog):
    place = tmp_path / "cache"
    place.write_text("a file")
    folder = Folder(place)
    for number in range(3):
        assert folder.get(f"{number}" * 64) is None
        folder.put(ENTRY)
    assert caplog.text.count("cannot be read") == 1
    assert caplog.text.count("cannot be written") == 1


@pytest.mark.parametrize(
    ("status", "old", "new", "outdated"),
    [
        (Status.TIMED_OUT, {"cell_s": 4.0}, {"cell_s": 5.0}, True),
        (Status.TIMED_OUT, {"notebook_s": 4.0}, {"notebook_s": 5.0}, True),
        (Status.TIMED_OUT, {"cell_s": 5.0}, {"cell_s": 5.0}, False),
        (Status.TIMED_OUT, {"cell_s": 6.0}, {"cell_s": 5.0}, False),
        (Status.TIMED_OUT, {}, {"cell_s": 5.0}, True),
        (Status.TIMED_OUT, {"output_kb": 4.0}, {"output_kb": 5.0}, False),
        (Status.FLOODED, {"output_kb": 4.0}, {"output_kb": 5.0}, True),
        (Status.FLOODED, {"output_kb": 5.0}, {"output_kb": 5.0}, False),
        (Status.PASSED, {"cell_s": 4.0}, {"cell_s": 5.0}, False),
        (Status.RAISED, {"cell_s": 4.0}, {"cell_s": 5.0}, False),
    ],
)
def test_when_limits_grew_then_what_they_cut_short_runs_again(
    tmp_path, status, old, new, outdated
):
    folder = Folder(tmp_path)
    failure = None if status is Status.PASSED else RESULT.failure
    result = replace(RESULT, status=status, failure=failure)
    folder.put(Entry(PARTS, result, old))
    assert (Stores(folder, None, new).fetch([PARTS.key]) == {}) is outdated


def test_when_an_entry_is_used_then_its_file_is_as_new(tmp_path):
    path = kept(tmp_path)
    os.utime(path, (0, 0))
    Folder(tmp_path).get(PARTS.key, touch=False)
    assert path.stat().st_mtime == 0
    Folder(tmp_path).get(PARTS.key)
    assert time.time() - path.stat().st_mtime < 60


def test_when_an_entry_cannot_be_touched_then_it_is_used_still(tmp_path, monkeypatch):
    def refuse(path: Path) -> None:
        raise PermissionError(path)

    kept(tmp_path)
    monkeypatch.setattr("os.utime", refuse)
    assert Folder(tmp_path).get(PARTS.key) is not None


def test_when_runs_are_over_then_hits_and_last_results_are_known(tmp_path):
    for _ in range(2):
        stores = Stores(Folder(tmp_path))
        if not stores.fetch([PARTS.key]):
            stores.keep(PARTS, RESULT)
        stores.close()
    counted = {"runs": 2, "local": 1, "shared": 0, "missed": 1}
    assert read_counters(tmp_path) == counted
    last = Stores(Folder(tmp_path)).ledger.last("s.md", "alpha")
    assert last == PARTS


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": 2}', '{"s.md [alpha]": {"cells": 1}}']
)
def test_when_the_ledger_is_damaged_then_it_begins_anew(tmp_path, text):
    path = tmp_path / "ledger.json"
    path.write_text(text)
    ledger = Ledger(path)
    assert ledger.last("s.md", "alpha") is None
    ledger.note("s.md", "alpha", PARTS)
    ledger.save()
    assert Ledger(path).last("s.md", "alpha") == PARTS


class Harmful:
    """What makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_when_an_entry_is_a_pickle_then_nothing_unpickles_it(tmp_path):
    harm = tmp_path / "harm"
    content = pickle.dumps(Harmful(harm))
    kept(tmp_path / "own").write_bytes(content)
    kept(tmp_path / "shared").write_bytes(content)
    committed = tmp_path / file_name(PARTS)
    committed.write_bytes(content)
    assert Folder(tmp_path / "own").get(PARTS.key) is None
    settings = StoreSettings(str(tmp_path / "shared"))
    stores = Stores(Folder(tmp_path / "none"), Shared(settings, tmp_path))
    assert stores.fetch([PARTS.key]) == {}
    with pytest.raises(ValueError, match="codec can't decode"):
        read(committed)
    assert not harm.exists()
    pickle.loads(content)
    assert harm.exists()
