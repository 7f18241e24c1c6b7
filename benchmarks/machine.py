"""What the figures were measured with; no names and no paths of the machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from typing import Any

from benchmarks.books import ROOT
from bookkit.book.config import load

PACKAGES = ("d2lbook", "nbclient", "Sphinx")
FRAMEWORKS = {
    "pytorch": "torch",
    "mxnet": "mxnet",
    "tensorflow": "tensorflow",
    "paddle": "paddlepaddle",
}
#: Some frameworks are published under several names.
_VERSION = """
import importlib.metadata as metadata
names = {{"{package}", "{package}-cpu", "{package}-gpu"}}
for found in metadata.distributions():
    if found.metadata["Name"].lower().replace("_", "-") in names:
        print(found.version)
        break
"""


def describe() -> dict[str, Any]:
    """Return cores, memory and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    versions["Python"] = platform.python_version()
    for tab in load(ROOT).all_tabs:
        package = FRAMEWORKS.get(tab.name, tab.preload[0])
        code = _VERSION.format(package=package)
        python = tab.environment / "bin" / "python"
        done = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, check=True
        )
        versions[tab.title] = done.stdout.strip()
    return {
        "system": platform.system(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "versions": versions,
    }
