"""Give each fork random numbers of its own where a spawned kernel would have them.

Python's `random` reseeds itself after a fork. The generators below are seeded from
the system when their module is imported, so forks of one server would all draw the
same numbers. TensorFlow and Keras draw their seed at first use, and MXNet starts
from a fixed seed in every process: nothing to do for these.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def _numpy(module: Any) -> None:
    module.seed()


def _torch(module: Any) -> None:
    module.default_generator.seed()


_RESEED: dict[str, Callable[[Any], None]] = {
    "numpy.random": _numpy,
    "torch": _torch,
}


def reseed() -> None:
    """Reseed the generators of modules that are imported; never fails."""
    for name, reseed_module in _RESEED.items():
        module = sys.modules.get(name)
        if module is None:
            continue
        try:
            reseed_module(module)
        except Exception as error:
            sys.stderr.write(f"prefork: {name} keeps its server's seed: {error}\n")
