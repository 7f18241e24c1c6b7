"""Pages are made in the background of what they wait for."""

from __future__ import annotations

import os

_NICE = 10


def give_way() -> None:
    """Let kernels, and the imports that they wait for, come first."""
    os.nice(_NICE)
