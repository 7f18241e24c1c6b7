"""A few of the rounds that `make kills` has many of."""

import sys

import pytest
from kill_rounds import rounds

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks at processes in /proc"
)


def test_when_a_process_is_killed_in_its_phase_then_nothing_stays_or_hangs():
    kinds = ["builder of pages", "sphinx", "sphinx's child", "uv", "serving"]
    ended = list(rounds(kinds, len(kinds), seed=7, at_once=2))
    assert [one for one in ended if not one.is_right] == []
    assert any(one.when != "too late" for one in ended)
