"""The networks in NumPy and float64, forwards and backwards, by hand.

Independent of every framework and of the book's cells; `test_parity` checks the
gradients here against finite differences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Layers = list[tuple[Array, Array]]  # (weight (in, out), bias (out,)) each


@dataclass(frozen=True)
class Computed:
    """What a network gives: outputs, gradients, and how near it came to an edge.

    `margin` is the smallest distance of a ReLU's input from 0 and of the loop's
    condition from its limit, both relative: nearer than rounding, two
    frameworks could rightly differ.
    """

    output: Array
    dX: Array
    grads: Layers
    halvings: int
    margin: float


def chain(
    layers: Layers, order: list[int], after: list[str], X: Array, direction: Array
) -> Computed:
    """Dense layers, each followed by "relu", "center" or "" (nothing).

    `order` names a layer for each place, `after` what follows it.
    """
    inputs, masks, margin = [], [], np.inf
    H = X.astype(np.float64)
    for index, follows in zip(order, after, strict=True):
        weight, bias = layers[index]
        inputs.append(H)
        H = H @ weight.astype(np.float64) + bias
        masks.append(H > 0)
        if follows == "relu":
            margin = min(margin, np.abs(H).min() / np.abs(H).max())
            H = H * masks[-1]
        elif follows == "center":
            H = H - H.mean()
    grads = [(np.zeros(w.shape), np.zeros(b.shape)) for w, b in layers]
    delta = direction.astype(np.float64)
    for place in reversed(range(len(order))):
        if after[place] == "relu":
            delta = delta * masks[place]
        elif after[place] == "center":
            delta = delta - delta.mean()
        dW, db = grads[order[place]]
        dW += inputs[place].T @ delta
        db += delta.sum(axis=0)
        delta = delta @ layers[order[place]][0].astype(np.float64).T
    return Computed(H, delta, grads, 0, float(margin))


def fixed_hidden(
    layers: Layers, constant: Array, X: Array, direction: Array
) -> Computed:
    """One layer twice around a constant matrix, then halve until the sum is small."""
    ((W, b),) = layers
    W, R, X = (array.astype(np.float64) for array in (W, constant, X))
    A = X @ W + b
    Z = A @ R + 1
    H = np.maximum(Z, 0)
    V = H @ W + b
    halvings, size = 0, np.abs(V).sum()
    margin = np.abs(Z).min() / np.abs(Z).max()
    while 1 < size < np.inf:
        margin = min(margin, size - 1)
        halvings, size = halvings + 1, size / 2
    margin = min(margin, 1 - size)
    output = V.sum() / 2**halvings
    dV = np.full_like(V, float(direction) / 2**halvings)
    dA = (dV @ W.T * (Z > 0)) @ R.T
    dW = H.T @ dV + X.T @ dA
    db = dV.sum(axis=0) + dA.sum(axis=0)
    return Computed(np.array(output), dA @ W.T, [(dW, db)], halvings, float(margin))
