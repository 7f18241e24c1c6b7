"""The priority of processes that make pages."""

from __future__ import annotations

import os

_NICE = 10


def lower_priority() -> None:
    """Lower this process's priority: kernels and their imports come first."""
    os.nice(_NICE)
