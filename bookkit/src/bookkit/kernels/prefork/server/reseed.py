"""Give each fork random numbers of its own where a spawned kernel would have them.

Python's `random` reseeds itself after a fork. The generators below are seeded from
the system when their module is imported, so forks of one server would all draw the
same numbers. TensorFlow and Keras draw their seed at first use, and MXNet starts
from a fixed seed in every process: nothing to do for these.
"""

from __future__ import annotations

import sys
from operator import attrgetter

_SEED = {"numpy.random": "seed", "torch": "default_generator.seed"}


def reseed() -> None:
    """Reseed the generators of modules that are imported; never fails."""
    for name, seed in _SEED.items():
        try:
            if name in sys.modules:
                attrgetter(seed)(sys.modules[name])()
        except Exception as error:
            sys.stderr.write(f"prefork: {name} keeps its server's seed: {error}\n")
