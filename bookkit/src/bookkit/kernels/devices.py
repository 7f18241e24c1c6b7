"""Which GPUs this machine has, without touching any of them."""

from __future__ import annotations

import functools
import re
import subprocess


@functools.cache
def gpu_names() -> tuple[str, ...]:
    """Return the names of the machine's NVIDIA GPUs; empty where there is none."""
    return tuple(_nvidia_smi("--query-gpu=name", "--format=csv,noheader").splitlines())


def cuda_version() -> tuple[int, ...]:
    """Return the newest CUDA that the driver runs, e.g. (13, 0); () without one."""
    found = re.search(r"CUDA Version: (\d+)\.(\d+)", _nvidia_smi())
    return (int(found[1]), int(found[2])) if found else ()


def _nvidia_smi(*options: str) -> str:
    """Return what the driver's program prints; "" where it fails or is not there."""
    command = ["nvidia-smi", *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout
