"""Who dies with whom: the calls to the operating system that nothing may outlive.

On Linux the kernel of the operating system does the work (parent-death signal, child
subreaper, /proc). Elsewhere only closed connections tell that another side is gone.
"""

from __future__ import annotations

import contextlib
import glob
import os
import signal
import sys
import time
import warnings
from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PAUSE_S = 0.005


def die_with_parent(parent_pid: int) -> None:
    """Have this process killed when its parent ends; end now if that has happened."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have ended before the call: then no signal would ever come.
    if os.getppid() != parent_pid:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (Linux only)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def fork() -> int:
    """`os.fork` without Python 3.12's warning about threads of native libraries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def signal_group(pid: int, signum: int) -> None:
    """Signal the process group that `pid` leads, or `pid` alone before it has one."""
    for send in (os.killpg, os.kill):
        try:
            send(pid, signum)
        except OSError:
            continue
        return


def list_children() -> list[int]:
    """Return the pids of this process's children; empty where /proc does not tell."""
    pids: list[int] = []
    for path in glob.glob("/proc/self/task/*/children"):
        with contextlib.suppress(OSError), open(path) as children:
            pids += map(int, children.read().split())
    return pids


def reap() -> Iterator[tuple[int, int]]:
    """Yield pid and wait status of each child that has ended."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended


def end_children(known: int, within_s: float) -> int | None:
    """Kill every child, and what they leave to us when they end, until none is left.

    Returns the wait status of the child `known` if it was reaped here.
    """
    signal_group(known, signal.SIGKILL)
    return wait_for_children(within_s, known, kill=True)


def wait_for_children(
    within_s: float, known: int | None = None, kill: bool = False
) -> int | None:
    """Wait until all children have ended; see `end_children`.

    Gives up after `within_s`: a process of another user, or one stuck in the system,
    cannot be killed.
    """
    status: int | None = None
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        for pid in list_children() if kill else ():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            pid, ended = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == 0:
            time.sleep(_PAUSE_S)
        elif pid == known:
            status = ended
    return status


def _prctl(option: int, value: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(option, ctypes.c_ulong(value), 0, 0, 0)
