"""What belongs to a result's key, and what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bookkit.cache import Parts, Store, hash_cells
from bookkit.results import CellResult, Failure, Result, Status

BASE: dict[str, Any] = {
    "tab": "alpha",
    "cells": hash_cells(["a = 1", "a"]),
    "saved": {"f": "1", "g": "2"},
    "lock": "lock",
    "python": "3.11.7",
    "device": "cpu",
    "data": {"x.csv": "1"},
    "variables": {"LEVEL": "1"},
}


@pytest.mark.parametrize(
    "change",
    [
        {"tab": "beta"},
        {"cells": hash_cells(["a", "a = 1"])},
        {"cells": hash_cells(["a = 1\na"])},
        {"saved": {"f": "1", "g": "3"}},
        {"saved": {"f": "1"}},
        {"lock": "other"},
        {"python": "3.12.1"},
        {"device": "NVIDIA H200"},
        {"data": {"x.csv": "2"}},
        {"data": {"y.csv": "1"}},
        {"variables": {"LEVEL": "2"}},
        {"format": 99},
    ],
    ids=lambda change: next(iter(change)),
)
def test_when_a_part_changes_then_the_key_changes(change: dict[str, Any]) -> None:
    assert Parts(**BASE).key != Parts(**{**BASE, **change}).key


def test_when_only_line_endings_change_then_the_key_stays() -> None:
    assert hash_cells(["a\nb"]) == hash_cells(["a\r\nb"])


def test_when_files_are_named_in_another_order_then_the_key_stays() -> None:
    files = {"a": "1", "b": "2"}
    turned = {"b": "2", "a": "1"}
    assert Parts(**{**BASE, "data": files}).key == Parts(**{**BASE, "data": turned}).key


def test_when_parts_are_written_then_they_are_read_as_they_were() -> None:
    parts = Parts(**BASE)
    read = Parts.from_json(json.loads(json.dumps(parts.to_json())))
    assert (read, read.key) == (parts, parts.key)


def test_when_a_result_is_kept_then_it_comes_back_as_it_was(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "中文\n"}
    result = Result(
        section="s.md",
        tab="alpha",
        status=Status.RAISED,
        cells=[CellResult(1, [output], 0.5), CellResult(None, [], 0.0)],
        seconds=1.5,
        versions={"python": "3.11.7"},
        failure=Failure("it raised", 3, "trace", "printed"),
    )
    store = Store(tmp_path)
    store.put("ab12", result)
    found = store.get("ab12")
    assert found is not None and found.cached
    assert found.to_json() == result.to_json()
    assert store.get("ab13") is None
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".json"]


def test_when_an_entry_lies_under_another_key_then_it_is_not_trusted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path)
    store.put("ab12", Result("s.md", "alpha", Status.PASSED, []))
    (tmp_path / "ab" / "ab12.json").rename(tmp_path / "ab" / "ab99.json")
    assert store.get("ab99") is None
    assert "it belongs to another key" in caplog.text


def test_when_the_format_is_of_the_future_then_it_is_not_trusted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path)
    store.put("ab12", Result("s.md", "alpha", Status.PASSED, []))
    path = tmp_path / "ab" / "ab12.json"
    entry = json.loads(path.read_text())
    entry["result"]["format"] += 1
    path.write_text(json.dumps(entry))
    assert store.get("ab12") is None
    assert "result format" in caplog.text
