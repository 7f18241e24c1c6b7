"""The networks whose numbers must agree: their weights, inputs and references.

Weights are (in, out), inputs and weights float32; each case seeds itself, so
adding one changes no other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from reference import Array, Computed, Layers, chain, fixed_hidden


@dataclass(frozen=True)
class Case:
    """One network and one input.

    `block` is a class of the section, or `chain` for the framework's own
    container, or a variable that the section's cell of tied layers assigns. A
    container is given `layers`: a name and sizes for a dense layer (`mine` for
    the section's own), a name alone for `relu` and `center`; the same name twice
    is the same layer. `order` and `after` tell the reference what comes when.
    """

    block: str
    weights: Layers
    X: Array
    direction: Array
    layers: tuple[tuple[str | int, ...], ...] | None = None
    order: tuple[int, ...] = ()
    after: tuple[str, ...] = ()
    section: str = "model-construction"
    constant: Array | None = None
    halvings: int | None = None
    finite: bool = True

    @cached_property
    def wanted(self) -> Computed:
        """Return what NumPy makes of it."""
        if self.constant is not None:
            return fixed_hidden(self.weights, self.constant, self.X, self.direction)
        order, after = list(self.order), list(self.after)
        return chain(self.weights, order, after, self.X, self.direction)


def _normal(name: str) -> Callable[..., Array]:
    generator = np.random.default_rng(zlib.crc32(name.encode()))

    def draw(*shape: int) -> Array:
        return generator.normal(size=shape).astype(np.float32)

    return draw


def _dense(
    draw: Callable[..., Array], inputs: int, outputs: int
) -> tuple[Array, Array]:
    return draw(inputs, outputs) / np.float32(inputs**0.5), draw(outputs)


def _chain(
    name: str,
    block: str,
    sizes: tuple[int, ...],
    rows: int,
    layers: tuple[tuple[str | int, ...], ...] | None = None,
    order: tuple[int, ...] = (),
    last: str = "",
    section: str = "model-construction",
) -> Case:
    """Return dense layers with ReLU between them; `sizes` are each new layer's."""
    draw = _normal(name)
    order = order or tuple(range(len(sizes) - 1))
    num_layers = max(order) + 1
    weights = [_dense(draw, *sizes[i : i + 2]) for i in range(num_layers)]
    X, direction = draw(rows, sizes[0]), draw(rows, sizes[-1])
    after = ("relu",) * (len(order) - 1) + (last,)
    return Case(block, weights, X, direction, layers, order, after, section)


def _fixed(name: str, size: float, halvings: int) -> Case:
    draw = _normal(name)
    weight, bias = _dense(draw, 20, 20)
    constant = np.abs(draw(20, 20))
    scale = np.float32(size)
    return Case(
        "FixedHiddenMLP",
        [(weight * min(scale, 1), bias * min(scale, 1))],
        draw(2, 20) * max(scale, 1),
        np.array(draw(1)[0]),
        constant=constant,
        halvings=halvings,
    )


def _endless() -> Case:
    """Return an infinite sum, which halving never makes small."""
    ones = np.ones((20, 20), np.float32)
    return Case(
        "FixedHiddenMLP",
        [(ones, ones[0])],
        np.full((2, 20), np.inf, np.float32),
        np.float32(1),
        constant=ones,
        finite=False,
    )


_PLAIN = (("a", 20, 256), ("relu",), ("b", 256, 10))
_SHARED = (("a", 20, 20), ("relu",), ("a", 20, 20))
_CENTERED = (("a", 8, 128), ("center",))
_MINE = (("mine a", 64, 8), ("mine b", 8, 1))

CASES: dict[str, Case] = {
    "MLP, 2 rows": _chain("MLP, 2 rows", "MLP", (20, 256, 10), 2),
    "MLP, 7 rows": _chain("MLP, 7 rows", "MLP", (20, 256, 10), 7),
    "NestMLP": _chain("NestMLP", "NestMLP", (20, 64, 32, 16), 2),
    "FixedHiddenMLP, loop 0": _fixed("loop 0", 0.01, 0),
    "FixedHiddenMLP, loop 1": _fixed("loop 1", 0.03, 1),
    "FixedHiddenMLP, loop many": _fixed("loop many", 1.0, 7),
    "FixedHiddenMLP, loop 100": _fixed("loop 100", 2.0**95, 100),
    "FixedHiddenMLP, infinite": _endless(),
    "MySequential": _chain("containers", "MySequential", (20, 256, 10), 2, _PLAIN),
    "built-in container": _chain("containers", "chain", (20, 256, 10), 2, _PLAIN),
    "MySequential, layer twice": _chain(
        "layer twice", "MySequential", (20, 20, 20), 2, _SHARED, (0, 0)
    ),
    "tied layers": _chain(
        "tied", "net", (4, 8, 8, 1), 2, order=(0, 1, 1, 2), section="parameters"
    ),
    "CenteredLayer": _chain(
        "centered",
        "chain",
        (8, 128),
        4,
        _CENTERED,
        last="center",
        section="custom-layer",
    ),
    "MyLinear, MyDense": _chain(
        "mine", "chain", (64, 8, 1), 3, _MINE, last="relu", section="custom-layer"
    ),
    "MLP that is saved": _chain(
        "MLP to save", "MLP", (20, 256, 10), 2, section="read-write"
    ),
}
FINITE = [name for name, case in CASES.items() if case.finite]


def _broken() -> dict[str, Case]:
    """Return cases with one thing wrong, named after the case they come from."""
    found = {}
    for name in ("FixedHiddenMLP, loop 1", "MLP, 2 rows"):
        case = CASES[name]
        (weight, bias), *others = case.weights
        nudged = weight.copy()
        nudged[3, 5] *= np.float32(1.01)
        found[f"{name}; one weight 1 % off"] = replace(
            case, weights=[(nudged, bias), *others]
        )
    case = CASES["FixedHiddenMLP, loop 1"]
    ((weight, bias),) = case.weights
    name = "FixedHiddenMLP, loop 1"
    turned = np.ascontiguousarray(weight.T)
    found[f"{name}; weight transposed"] = replace(case, weights=[(turned, bias)])
    assert case.constant is not None
    found[f"{name}; constant transposed"] = replace(
        case, constant=np.ascontiguousarray(case.constant.T)
    )
    found[f"{name}; input columns reversed"] = replace(
        case, X=np.ascontiguousarray(case.X[:, ::-1])
    )
    return found


#: Given to the tabs too, to see that the comparison notices.
BROKEN = _broken()
