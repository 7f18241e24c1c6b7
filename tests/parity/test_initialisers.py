"""What 参数管理 initialises with follows the distribution that the text names.

Each rule fills one large layer from a fixed seed, so a run is repeatable; the
limits are those that a right initialiser exceeds once in a million seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from driver import LARGE
from driving import Found

FoundIn = Callable[[str], Found]

#: How often a right initialiser would be called wrong, over all seeds.
ERROR_RATE = 1e-6
INPUTS, OUTPUTS = LARGE
XAVIER = math.sqrt(6 / (INPUTS + OUTPUTS))
#: What each framework does without being asked: the bound of a uniform distribution.
DEFAULT_BOUND = {
    "mxnet": 0.07,
    "pytorch": 1 / math.sqrt(INPUTS),
    "tensorflow": XAVIER,
    "paddle": XAVIER,
}
ZERO_BIAS = {"mxnet", "tensorflow", "paddle"}


def uniform(low: float, high: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return the cumulative distribution function of U(low, high)."""
    return lambda x: np.clip((x - low) / (high - low), 0, 1)


def normal(std: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return the cumulative distribution function of N(0, std^2)."""
    erf = np.vectorize(math.erf)
    return lambda x: (1 + erf(x / (std * math.sqrt(2)))) / 2


def farness(values: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray]) -> float:
    """Return the statistic of Kolmogorov and Smirnov over its limit; 1 is too far.

    The limit is that of Massart (1990), which holds for every sample size.
    """
    x = np.sort(values.astype(np.float64).ravel())
    steps = np.arange(len(x) + 1) / len(x)
    expected = cdf(x)
    gap = max((steps[1:] - expected).max(), (expected - steps[:-1]).max())
    return float(gap / math.sqrt(math.log(2 / ERROR_RATE) / (2 * len(x))))


def is_share(part: np.ndarray, share: float) -> bool:
    """Tell whether a share is what chance makes of it (Hoeffding's inequality)."""
    limit = math.sqrt(math.log(2 / ERROR_RATE) / (2 * part.size))
    return bool(abs(part.mean() - share) < limit)


def test_when_nothing_is_said_then_the_default_is_the_frameworks_own(
    tab: str, found_in: FoundIn
) -> None:
    weight, bias = found_in(tab).drawn("default")
    bound = DEFAULT_BOUND[tab]
    assert weight.shape == LARGE
    assert farness(weight, uniform(-bound, bound)) < 1
    assert np.abs(weight).max() <= bound * (1 + 1e-6)
    if tab in ZERO_BIAS:
        assert (bias == 0).all()
    else:
        assert farness(bias, uniform(-bound, bound)) < 1


def test_when_normal_is_asked_for_then_weights_are_normal_and_biases_zero(
    tab: str, found_in: FoundIn
) -> None:
    weight, bias = found_in(tab).drawn("normal")
    assert farness(weight, normal(0.01)) < 1
    assert (bias == 0).all()


@pytest.mark.parametrize(("rule", "number"), [("constant", 1), ("42", 42)])
def test_when_a_constant_is_asked_for_then_every_weight_is_it(
    tab: str, rule: str, number: float, found_in: FoundIn
) -> None:
    weight, bias = found_in(tab).drawn(rule)
    assert (weight == number).all()
    # `init_42` of PyTorch leaves the biases as they are
    assert (bias != number).all()


def test_when_xavier_is_asked_for_then_weights_are_uniform_within_its_bound(
    tab: str, found_in: FoundIn
) -> None:
    weight, _ = found_in(tab).drawn("xavier")
    assert farness(weight, uniform(-XAVIER, XAVIER)) < 1
    assert np.abs(weight).max() <= XAVIER * (1 + 1e-6)


def test_when_the_own_rule_is_asked_for_then_its_three_parts_have_their_shares(
    tab: str, found_in: FoundIn
) -> None:
    weight, _ = found_in(tab).drawn("custom")
    low, zero, high = weight <= -5, weight == 0, weight >= 5
    assert (low | zero | high).all()
    for part, share in ((low, 1 / 4), (zero, 1 / 2), (high, 1 / 4)):
        assert is_share(part, share)
    assert farness(weight[low], uniform(-10, -5)) < 1
    assert farness(weight[high], uniform(5, 10)) < 1


def test_when_weights_are_drawn_then_they_are_not_the_same_in_every_row(
    tab: str, found_in: FoundIn
) -> None:
    for rule in ("default", "normal", "xavier", "custom"):
        weight, _ = found_in(tab).drawn(rule)
        assert len(np.unique(weight[0])) > 1
        assert not np.array_equal(weight[0], weight[1]), rule
        assert not np.array_equal(weight[:, 0], weight[:, 1]), rule


@pytest.mark.parametrize(
    ("values", "cdf"),
    [
        (lambda g: g.normal(0, 0.0105, 200_000), normal(0.01)),
        (lambda g: g.uniform(-0.0718, 0.0718, 200_000), uniform(-0.07, 0.07)),
        (
            lambda g: g.normal(0, XAVIER / math.sqrt(3), 200_000),
            uniform(-XAVIER, XAVIER),
        ),
    ],
    ids=["std 5 % off", "bound 2.6 % off", "normal for uniform"],
)
def test_when_a_distribution_is_wrong_then_the_limit_is_exceeded(
    values: Callable[[np.random.Generator], np.ndarray],
    cdf: Callable[[np.ndarray], np.ndarray],
) -> None:
    assert farness(values(np.random.default_rng(0)), cdf) > 1


def test_when_a_share_is_one_percent_off_then_it_is_noticed() -> None:
    drawn = np.random.default_rng(0).random(200_000)
    assert is_share(drawn < 0.25, 0.25)
    assert not is_share(drawn < 0.26, 0.25)
