"""The comparison that every parity test uses, and its tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from cases import Case

#: Largest difference allowed, as a share of the largest wanted number of the
#: same array. float32 keeps 6e-8 of a number; sums of up to 256 products, each
#: framework in its own order, were seen to end 4e-7 apart.
TOLERANCE = 5e-6


@dataclass(frozen=True)
class Difference:
    """How far one array of one case is from what it should be."""

    case: str
    quantity: str
    absolute: float
    relative: float

    def __str__(self) -> str:
        return (
            f"{self.case}: {self.quantity} differs by {self.absolute:.3g}, "
            f"{self.relative:.3g} of its largest number; allowed {TOLERANCE:g}"
        )


def difference(
    case: str, quantity: str, found: np.ndarray, wanted: np.ndarray
) -> Difference:
    """Measure one array against another; a wrong shape or a NaN is infinitely far."""
    if found.shape != wanted.shape:
        quantity += f" (shape {found.shape}, wanted {wanted.shape})"
        return Difference(case, quantity, np.inf, np.inf)
    gap = float(np.abs(found.astype(np.float64) - wanted).max())
    if not np.isfinite(gap):
        return Difference(case, quantity, np.inf, np.inf)
    size = float(np.abs(wanted).max())
    return Difference(case, quantity, gap, gap / size if size else gap and np.inf)


def wanted_numbers(case: Case) -> dict[str, np.ndarray]:
    """Return the reference's outputs and gradients under the driver's names."""
    computed = case.wanted
    numbers = {
        "output": computed.output,
        "recorded": computed.output,
        "dX": computed.dX,
    }
    for i, (dW, db) in enumerate(computed.grads):
        numbers |= {f"dW{i}": dW, f"db{i}": db}
    return numbers


def differences(
    name: str, found: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]
) -> list[Difference]:
    """Measure every wanted array; one that is missing is infinitely far."""
    return [
        difference(name, key, found[key], value)
        if key in found
        else Difference(name, f"{key} (missing)", np.inf, np.inf)
        for key, value in wanted.items()
    ]


def too_large(found: list[Difference]) -> list[str]:
    """Return the differences beyond the tolerance as text."""
    return [str(one) for one in found if not one.relative <= TOLERANCE]
