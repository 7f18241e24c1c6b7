"""Which GPUs this machine has, without touching any of them."""

from __future__ import annotations

import functools
import subprocess
from typing import Any


@functools.cache
def gpu_names() -> tuple[str, ...]:
    """Return the names of the machine's NVIDIA GPUs; empty where there is none."""
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(done.stdout.split("\n")[:-1]) if done.returncode == 0 else ()


def gpus_wanted(notebook: Any, most: int) -> int:
    """Return how many GPUs a notebook asks for, by d2lbook's own judgement."""
    from d2lbook import resource

    wanted: int = resource.get_notebook_gpus(notebook, most)
    return min(wanted, most)
