"""What belongs to a result's key, and what does not."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from bookkit.run.cache import Parts, hash_text


def hash_cells(*sources: str) -> tuple[str, ...]:
    return tuple(map(hash_text, sources))


BASE: dict[str, Any] = {
    "tab": "alpha",
    "cells": hash_cells("a = 1", "a"),
    "saved": {"f": "1", "g": "2"},
    "packages": {"lib": "1.0+cpu", "other": "2"},
    "python": "3.11.7",
    "device": "cpu",
    "data": {"x.csv": "1"},
    "variables": {"LEVEL": "1"},
    "settings": {"deprecations": "show"},
    "files": {"helper.py": "1"},
}


@pytest.mark.parametrize(
    "change",
    [
        {"tab": "beta"},
        {"cells": hash_cells("a", "a = 1")},
        {"cells": hash_cells("a = 1\na")},
        {"saved": {"f": "1", "g": "3"}},
        {"saved": {"f": "1"}},
        {"packages": {"lib": "1.0+gpu", "other": "2"}},
        {"packages": {"lib": "1.0+cpu"}},
        {"python": "3.12.1"},
        {"device": "NVIDIA H200"},
        {"data": {"x.csv": "2"}},
        {"data": {"y.csv": "1"}},
        {"variables": {"LEVEL": "2"}},
        {"settings": {}},
        {"settings": {"allow_errors": "true"}},
        {"files": {}},
        {"files": {"helper.py": "2"}},
        {"format": 99},
    ],
    ids=lambda change: next(iter(change)),
)
def test_when_a_part_changes_then_the_key_changes(change):
    assert Parts(**BASE).key != Parts(**{**BASE, **change}).key


def test_when_only_line_endings_change_then_the_key_stays() -> None:
    assert hash_text("a\nb") == hash_text("a\r\nb")


def test_when_files_are_named_in_another_order_then_the_key_stays():
    files = {"a": "1", "b": "2"}
    turned = {"b": "2", "a": "1"}
    assert Parts(**{**BASE, "data": files}).key == Parts(**{**BASE, "data": turned}).key


def test_when_parts_are_written_then_they_are_read_as_they_were():
    parts = Parts(**BASE)
    read = Parts.from_json(json.loads(json.dumps(dataclasses.asdict(parts))))
    assert (read, read.key) == (parts, parts.key)
