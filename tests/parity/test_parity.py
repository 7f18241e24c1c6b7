"""The same weights and inputs give the same numbers in every framework.

What is run are the section's own cells, in each tab's own environment; what
they must agree with is NumPy in float64 (`reference.py`), within
`comparing.TOLERANCE`. `test_comparison.py` gives the comparison wrong things.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from cases import CASES, FINITE
from comparing import Difference, differences, too_large, wanted_numbers
from driver import RATE
from driving import Found

FIXED = [name for name in FINITE if CASES[name].constant is not None]
FoundIn = Callable[[str], Found]
Note = Callable[[str, list[Difference]], None]


@pytest.mark.parametrize("name", FINITE)
def test_when_weights_are_the_same_then_outputs_and_gradients_are_numpys(
    tab: str, name: str, found_in: FoundIn, measured: Note
) -> None:
    found = differences(name, found_in(tab).numbers(name), wanted_numbers(CASES[name]))
    measured(tab, found)
    assert too_large(found) == []


@pytest.mark.parametrize("name", FINITE)
def test_when_weights_are_the_same_then_frameworks_agree(
    name: str, available_tabs: list[str], found_in: FoundIn
) -> None:
    tabs = available_tabs
    if len(tabs) < 2:
        pytest.skip(f"only {', '.join(tabs) or 'nothing'} is selected and runs here")
    keys = wanted_numbers(CASES[name])
    apart = []
    for one, other in combinations(tabs, 2):
        wanted = {key: found_in(other).numbers(name)[key] for key in keys}
        found = differences(name, found_in(one).numbers(name), wanted)
        apart += [f"{one} and {other}: {text}" for text in too_large(found)]
    assert apart == []


@pytest.mark.parametrize("name", FINITE)
def test_when_parameters_are_counted_then_they_are_the_weights_given(
    tab: str, name: str, found_in: FoundIn
) -> None:
    case, facts = CASES[name], found_in(tab).facts(name)
    given = [array for pair in case.weights for array in pair]
    shapes = facts["trainable"]
    assert sum(int(np.prod(shape)) for shape in shapes) == sum(a.size for a in given)
    assert len(shapes) == len(given)
    assert facts["num_constants"] == (case.constant is not None)


@pytest.mark.parametrize("name", FINITE)
def test_when_trained_for_one_step_then_every_weight_follows_its_gradient(
    tab: str, name: str, found_in: FoundIn
) -> None:
    case = CASES[name]
    wanted = {}
    for i, ((W, b), (dW, db)) in enumerate(
        zip(case.weights, case.wanted.grads, strict=True)
    ):
        wanted |= {f"trained_W{i}": W - RATE * dW, f"trained_b{i}": b - RATE * db}
    found = differences(name, found_in(tab).numbers(name), wanted)
    assert too_large(found) == []


@pytest.mark.parametrize("name", FINITE)
def test_when_a_network_has_run_then_its_input_is_as_it_was(
    tab: str, name: str, found_in: FoundIn
) -> None:
    assert found_in(tab).facts(name)["input_kept"]


@pytest.mark.parametrize("name", FIXED)
def test_when_trained_for_one_step_then_the_constant_stays(
    tab: str, name: str, found_in: FoundIn
) -> None:
    found = found_in(tab)
    assert not found.facts(name)["constant_reached"]
    trained = found.numbers(name)["trained_constant0"]
    assert np.array_equal(trained, CASES[name].constant)


@pytest.mark.parametrize("name", FIXED)
def test_when_output_is_large_then_it_is_halved_as_often_as_in_numpy(
    tab: str, name: str, found_in: FoundIn
) -> None:
    case = CASES[name]
    whole = float(case.wanted.output) * 2.0**case.wanted.halvings
    output = float(found_in(tab).numbers(name)["output"])
    assert np.log2(whole / output) == pytest.approx(case.halvings, abs=1e-4)


def test_when_output_is_infinite_then_the_loop_ends(
    tab: str, found_in: FoundIn
) -> None:
    output = found_in(tab).numbers("FixedHiddenMLP, infinite")["output"]
    # MXNet adds infinities up to NaN: its sum carries a rounding correction
    assert not np.isfinite(output)


@pytest.mark.parametrize("name", FINITE)
def test_when_saved_then_a_fresh_instance_computes_the_same(
    tab: str, name: str, found_in: FoundIn
) -> None:
    numbers = found_in(tab).numbers(name)
    assert not np.allclose(numbers["fresh"], numbers["output"], rtol=1e-3, atol=0)
    assert np.array_equal(numbers["reloaded"], numbers["output"])


def test_when_weights_are_the_same_then_my_container_equals_the_built_in_one(
    tab: str, found_in: FoundIn
) -> None:
    mine = found_in(tab).numbers("MySequential")
    theirs = found_in(tab).numbers("built-in container")
    keys = wanted_numbers(CASES["MySequential"])
    assert (
        too_large(differences("MySequential", mine, {key: theirs[key] for key in keys}))
        == []
    )
