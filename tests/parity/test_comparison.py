"""The comparison and its reference can be wrong in neither direction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from cases import BROKEN, CASES, FINITE, Case
from comparing import TOLERANCE, differences, too_large, wanted_numbers
from driving import Found
from reference import Array, chain, fixed_hidden


@pytest.mark.parametrize("name", BROKEN)
def test_when_a_tab_is_given_something_wrong_then_the_comparison_says_so(
    tab: str, name: str, found_in: Callable[[str], Found]
) -> None:
    whole = name.partition(";")[0]
    wanted = wanted_numbers(CASES[whole])
    far = too_large(differences(whole, found_in(tab).numbers(name), wanted))
    assert any(text.startswith(f"{whole}: output differs") for text in far), far
    assert any(text.startswith(f"{whole}: d") for text in far), far


def test_when_one_number_is_beyond_the_tolerance_then_it_is_named() -> None:
    wanted = wanted_numbers(CASES["NestMLP"])
    assert too_large(differences("NestMLP", wanted, wanted)) == []
    for key, array in wanted.items():
        off = np.array(array)
        off.flat[np.abs(off).argmax()] *= 1 + 3 * TOLERANCE
        (text,) = too_large(differences("NestMLP", {**wanted, key: off}, wanted))
        assert text.startswith(f"NestMLP: {key} differs by"), text


@pytest.mark.parametrize("broken", ["missing", "shape", "nan"])
def test_when_an_array_is_missing_misshapen_or_nan_then_it_is_named(
    broken: str,
) -> None:
    wanted = wanted_numbers(CASES["MLP, 2 rows"])
    found = dict(wanted)
    if broken == "missing":
        del found["dX"]
    else:
        found["dX"] = found["dX"].T if broken == "shape" else found["dX"] * np.nan
    (text,) = too_large(differences("MLP, 2 rows", found, wanted))
    assert "dX" in text
    assert "inf" in text


def scalar(case: Case, weights: list[tuple[Array, Array]], X: Array) -> float:
    """Return the number that the reference differentiates."""
    if case.constant is not None:
        computed = fixed_hidden(weights, case.constant, X, case.direction)
    else:
        order, after = list(case.order), list(case.after)
        computed = chain(weights, order, after, X, case.direction)
    return float((computed.output * case.direction).sum())


@pytest.mark.parametrize("name", [n for n in FINITE if not n.endswith("loop 100")])
def test_when_a_number_is_nudged_then_the_reference_moves_by_its_gradient(
    name: str,
) -> None:
    """Nudge the number with the largest gradient in each array, both ways."""
    case = CASES[name]
    arrays = [case.X, *(array for pair in case.weights for array in pair)]
    arrays = [array.astype(np.float64) for array in arrays]
    grads = [case.wanted.dX, *(grad for pair in case.wanted.grads for grad in pair)]
    nudge = 1e-6

    def value() -> float:
        pairs = list(zip(arrays[1::2], arrays[2::2], strict=True))
        return scalar(case, pairs, arrays[0])

    for array, grad in zip(arrays, grads, strict=True):
        place = np.unravel_index(np.abs(grad).argmax(), grad.shape)
        kept = array[place]
        array[place] = kept + nudge
        above = value()
        array[place] = kept - nudge
        below = value()
        array[place] = kept
        assert (above - below) / (2 * nudge) == pytest.approx(grad[place], rel=1e-4)


@pytest.mark.parametrize("name", FINITE)
def test_when_a_case_is_used_then_rounding_cannot_cross_an_edge(name: str) -> None:
    """A ReLU's input near 0, or a sum near the limit, would tell nothing."""
    assert CASES[name].wanted.margin > 5e-5
    if CASES[name].halvings is not None:
        assert CASES[name].wanted.halvings == CASES[name].halvings
