"""The last step of a fork: run ipykernel."""

from __future__ import annotations

import os
from typing import Any

from .preload import Preloaded


def launch(preloaded: Preloaded) -> None:
    """Run the kernel application until it is shut down.

    `sys.argv` already holds the connection file.
    """
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.clear_instance()
    # ipykernel ends the kernel when this parent is gone. On Linux it is gone already.
    app: Any = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize()
    preloaded.raise_warning_filters()
    app.start()
