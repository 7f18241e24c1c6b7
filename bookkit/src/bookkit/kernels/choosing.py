"""What is wanted of each environment, and which Python it can be made with here.

Standard library only.
"""

from __future__ import annotations

import ctypes
import platform
import re
import shutil
import sys
from collections.abc import Collection
from dataclasses import dataclass

from bookkit.errors import EnvironmentFailure, explain
from bookkit.files import write_whole
from bookkit.kernels.environments import Environment
from bookkit.kernels.uv import Uv


@dataclass(frozen=True)
class Wish:
    """What is asked for: a Python by version, GPU builds or not, which made anew."""

    python: str = ""
    gpu: bool = False
    again: Collection[str] = ()

    def met_by(self, one: Environment) -> bool:
        """Tell whether an environment needs no work."""
        state, record = one.state(), one.record() or {}
        if one.name in self.again or state not in ("fresh", "unavailable"):
            return False
        if state == "unavailable":
            lines = one.reason.read_text("utf-8").splitlines()
            return len(lines) == 3 and lines[2] == _chances(one, lines[1])
        version = str(record["python"]).rpartition(".")[0]
        other_python = self.python in one.pythons and version != self.python
        return record.get("gpu", False) == self.wants_gpu(one) and not other_python

    def wants_gpu(self, one: Environment) -> bool:
        """Tell whether a build for GPUs is to be installed, where there is one."""
        return self.gpu and bool(one.tab and one.tab.gpu or torch_of(one))


def torch_of(one: Environment) -> list[str]:
    """Return what a lock has of PyTorch, which has builds for CPUs: `torch==2.13.0`."""
    pinned = r"^(?:torch|torchvision|torchaudio)==[\d.]+"
    return re.findall(pinned, one.lock.read_text("utf-8"), re.M)


def _chances(one: Environment, library: str) -> str:
    """Word what changes when a Python appears, or a library, that was not there."""
    try:
        loads = bool(library and ctypes.CDLL(library))
    except OSError:
        loads = False
    pythons = [shutil.which(f"python{version}") for version in one.pythons]
    return f"{pythons} {loads}"


def leave_out(one: Environment, why: str, library: str = "") -> None:
    """Let committed results stand for an environment that this machine cannot have."""
    shutil.rmtree(one.path, ignore_errors=True)
    write_whole(one.reason, f"{why}\n{library}\n{_chances(one, library)}\n")
    print(f"{one.name} cannot run here: {why}. Committed results are shown", flush=True)


def python_for(one: Environment, wish: Wish, uv: Uv) -> str:
    """Return the best Python it can be made with; "": it is unavailable.

    Raises:
        EnvironmentFailure: there is none, and no kept results stand in for it.
    """
    tab, newest = one.tab, one.pythons[-1]
    here = f"{sys.platform}-{platform.machine()}".replace("darwin", "macos")
    if tab and tab.platforms and here not in tab.platforms:
        why = f"there are no wheels for {here}"
    else:
        wanted = [wish.python] if wish.python in one.pythons else []
        for version in (*wanted, *reversed(one.pythons)):
            if version in uv.pythons:
                return uv.pythons[version]
        if uv.fetch_python(newest):
            return newest
        why = f"it needs Python {' or '.join(one.pythons)}; this machine has "
        why += f"{', '.join(uv.pythons) or 'none'}, and uv cannot fetch one"
    why += f" ({tab.limits})" if tab and tab.limits else ""
    if not (tab and tab.kept):
        remedy = f"install Python {newest}, or leave it out: make TABS=…"
        raise EnvironmentFailure(explain(f"environment {one.name}", why, "", remedy))
    leave_out(one, why)
    return ""
