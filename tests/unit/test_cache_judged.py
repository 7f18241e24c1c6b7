"""Entries that were sealed by somebody else: none is believed that no run leaves."""

import copy
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bookkit.run.cache import Entry, Parts
from bookkit.run.cache.entries import read_entry
from bookkit.run.cache.judge import judge, require_small
from bookkit.run.cache.sealed import seal
from bookkit.run.outputs import tidy
from bookkit.run.results import CellResult, Failure, Result, Status

PARTS = Parts("alpha", ("1", "2"), {}, {"lib": "1.0"}, "3.11.7")
STREAM = {"output_type": "stream", "name": "stdout", "text": "x\n"}
SHOWN = {
    "output_type": "execute_result",
    "execution_count": 1,
    "data": {"text/plain": "1", "application/json": {"a": [1, None]}},
    "metadata": {},
}
RESULT = Result(
    section="s.md",
    tab="alpha",
    status=Status.RAISED,
    cells=[CellResult(1, [STREAM, SHOWN], 0.5), CellResult(None, [], 0.0)],
    failure=Failure("it raised", 3, "trace", "printed"),
    date="2026-01-31",
)
SOUND = json.loads(Entry(PARTS, RESULT, {"cell_s": 60.0}, "2026").to_text())
OUTPUT = ("result", "cells", 0, "outputs", 0)
#: Where an entry says something else, and what.
FORGED: list[tuple[tuple[str | int, ...], Any]] = [
    (("result", "cells"), []),
    (("result", "cells"), None),
    (("result", "cells", 0), None),
    (("result", "cells", 0), {}),
    (("result", "cells", 0, "outputs"), None),
    (("result", "cells", 0, "outputs"), {}),
    (("result", "cells", 0, "outputs"), "x"),
    (("result", "cells", 0, "execution_count"), "1"),
    (("result", "cells", 0, "execution_count"), 0),
    (("result", "cells", 0, "execution_count"), True),
    (("result", "cells", 0, "seconds"), "1"),
    (("result", "cells", 0, "seconds"), None),
    (("result", "cells", 0, "seconds"), -1),
    (OUTPUT, None),
    (("limits",), {"cell_s": 10**400}),
    (OUTPUT, "text"),
    (OUTPUT, {}),
    ((*OUTPUT, "output_type"), "markdown"),
    ((*OUTPUT, "output_type"), None),
    ((*OUTPUT, "output_type"), "error"),
    ((*OUTPUT, "output_type"), "display_data"),
    ((*OUTPUT, "name"), "stdin"),
    ((*OUTPUT, "text"), 1),
    ((*OUTPUT, "text"), "\ud800"),
    ((*OUTPUT, "more"), "unknown"),
    (("result", "cells", 0, "outputs", 1, "data"), []),
    (("result", "cells", 0, "outputs", 1, "data", "text/html"), 5),
    (("result", "cells", 0, "outputs", 1, "data", "image/png"), {"a": 1}),
    (("result", "cells", 0, "outputs", 1, "metadata"), None),
    (("result", "status"), "kernel died"),
    (("result", "status"), "not started"),
    (("result", "status"), "not run"),
    (("result", "status"), "passed"),
    (("result", "status"), "excellent"),
    (("result", "failure"), None),
    (("result", "failure", "position"), "3"),
    (("result", "failure", "position"), -1),
    (("result", "failure", "reason"), 3),
    (("result", "failure", "traceback"), "\udfff"),
    (("result", "section"), 1),
    (("result", "versions"), {"torch": 2}),
    (("result", "versions"), None),
    (("result", "seconds"), None),
    (("result", "seconds"), True),
    (("result", "peak_mb"), "all"),
    (("result", "date"), "yesterday"),
    (("limits",), None),
    (("limits",), {"cell_s": "ever"}),
]


def forge(place: tuple[str | int, ...], value: Any) -> str:
    content = copy.deepcopy(SOUND)
    del content["sha256"]
    at = content
    for name in place[:-1]:
        at = at[name]
    at[place[-1]] = value
    return json.dumps(seal(content, content["format"]))


@pytest.mark.parametrize(("place", "value"), FORGED)
def test_when_an_entry_is_forged_then_it_is_not_believed(place, value):
    read_entry(json.dumps(SOUND), PARTS.key)
    with pytest.raises(ValueError, match=r"."):
        read_entry(forge(place, value), PARTS.key)


def test_when_a_cell_shows_more_than_is_allowed_then_it_is_not_believed():
    limits = {"output_kb": 1.0, "picture_kb": 1.0}
    require_small(RESULT, limits)
    for output in (
        {**STREAM, "text": "x" * 1001},
        {**SHOWN, "data": {"image/png": "x" * 1001}},
        {"output_type": "error", "traceback": ["x" * 1001]},
    ):
        cells = [CellResult(1, [output], 0.5)]
        with pytest.raises(ValueError, match="more than 1 kB"):
            require_small(Result("s.md", "alpha", Status.PASSED, cells), limits)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    "output_type name text data metadata traceback evalue execution_count".split()
)
KINDS = st.sampled_from("stream error display_data execute_result".split())
OUTPUTS = st.dictionaries(NAMES, JSON) | st.builds(
    lambda kind, rest: {**rest, "output_type": kind},
    KINDS,
    st.dictionaries(NAMES, JSON),
)


@given(OUTPUTS | JSON)
@example({"output_type": "stream", "text": ["a\ud83d", "\ude00b"]})
@example({"output_type": "display_data", "data": {"text/plain": float("nan")}})
def test_when_a_kernel_sends_anything_then_what_is_kept_is_believed(output):
    kept = tidy(output)
    if kept is not None:
        cells = [CellResult(1, [kept], 0.5)]
        result = Result("s.md", "alpha", Status.PASSED, cells)
        judge(result, 1)
        json.dumps(kept, allow_nan=False, ensure_ascii=False).encode()


def test_when_halves_of_a_character_meet_then_they_are_it():
    found = tidy({"output_type": "stream", "text": "a\ud83d\ude00b\ud83d"})
    assert found is not None and found["text"] == "a\U0001f600b\ufffd"
