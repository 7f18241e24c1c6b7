"""Which GPUs this machine has, without touching any of them."""

from __future__ import annotations

import asyncio
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


class GpuPool:
    """The GPUs not in use; a notebook takes some and gives them back."""

    def __init__(self, count: int) -> None:
        self._free = list(range(count))
        self._changed = asyncio.Condition()

    async def take(self, count: int) -> list[int]:
        """Wait until `count` GPUs are free; return their indices."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._free) >= count)
            taken, self._free = self._free[:count], self._free[count:]
            return taken

    async def give(self, indices: list[int]) -> None:
        """Give GPUs back."""
        async with self._changed:
            self._free.extend(indices)
            self._changed.notify_all()
