"""Where a kernel listens: names that are its own, not ports that anyone may take.

`jupyter_client` asks the system for five free ports, closes them, and lets the
kernel bind them later. Whoever takes one in between takes the kernel down: without
its iopub port an ipykernel lives on and never answers anyone.
"""

import sys
import uuid
from typing import Any

_PORTS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")


def name_sockets(manager: Any) -> None:
    """Let a kernel's manager use Unix sockets with a name of the kernel's own.

    They are abstract, so that no file is left behind whoever is killed. Only Linux
    has such sockets; elsewhere, and where the manager was told an address or a port,
    everything stays as it is.
    """
    chosen = manager.transport != "tcp" or manager.ip not in ("127.0.0.1", "localhost")
    if chosen or not sys.platform.startswith("linux"):
        return
    if not any(getattr(manager, port) for port in _PORTS):
        manager.transport, manager.ip = "ipc", f"@jupyter-{uuid.uuid4().hex}"
        manager.cache_ports = False  # its default may have been taken for TCP
