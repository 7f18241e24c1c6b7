"""Jupyter kernels that start with their slow imports already done.

A kernel provisioner for `jupyter_client`: one server per environment imports the
modules named in the kernelspec once, then forks a fresh kernel for every notebook.
It needs `jupyter_client` here and `ipykernel` in the kernel's environment, and of the
tool around it only `kernels.programs`. A kernelspec asks for it with:

    "metadata": {"kernel_provisioner": {
        "provisioner_name": "bookkit-prefork",
        "config": {"preload": ["torch"]}
    }}

`BOOKKIT_PREFORK=0` in the environment turns it off. Whatever prevents a fork is
logged once, in one line, and the kernel is spawned the ordinary way.
"""

from .exits import describe_exit
from .servers import stop_all

__all__ = ["describe_exit", "stop_all"]
