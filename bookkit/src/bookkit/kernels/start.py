"""How our runs start kernels: what they see, and the servers they are forked from."""

from __future__ import annotations

import concurrent.futures
import os
from collections.abc import Sequence


def kernel_variables(prefork: bool, gpus: Sequence[int]) -> dict[str, str]:
    """Return what a kernel's environment says about how it starts and what it sees."""
    return {
        "CUDA_VISIBLE_DEVICES": ",".join(map(str, gpus)),
        "BOOKKIT_PREFORK": "1" if prefork else "0",
        "BOOKKIT_RUN": "1",
    }


def start_server(kernel: str, prefork: bool) -> concurrent.futures.Future[None]:
    """Start a kernel's server, or find it running; tells when it has imported."""
    from jupyter_client.kernelspec import KernelSpecManager

    from bookkit.kernels.prefork import provisioner

    spec = KernelSpecManager().get_kernel_spec(kernel)
    return provisioner.start(spec, {**os.environ, **kernel_variables(prefork, ())})
