"""What belongs to a result's key, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bookkit.cache import Store, key
from bookkit.results import CellResult, Failure, Result, Status

BASE = {
    "tab": "alpha",
    "sources": ["a = 1", "a"],
    "saved": "def f(): pass",
    "environment": ("lock", "3.11.7"),
    "device": "cpu",
}


@pytest.mark.parametrize(
    "change",
    [
        {"tab": "beta"},
        {"sources": ["a", "a = 1"]},
        {"sources": ["a = 1\na"]},
        {"saved": "def f(): return 1"},
        {"environment": ("other", "3.11.7")},
        {"environment": ("lock", "3.12.1")},
        {"device": "NVIDIA H200"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_when_a_part_changes_then_the_key_changes(change: dict[str, object]) -> None:
    assert key(**BASE) != key(**{**BASE, **change})


def test_when_only_line_endings_change_then_the_key_stays() -> None:
    windows = [source.replace("\n", "\r\n") for source in ["a\nb"]]
    assert key(**{**BASE, "sources": windows}) == key(**{**BASE, "sources": ["a\nb"]})


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
