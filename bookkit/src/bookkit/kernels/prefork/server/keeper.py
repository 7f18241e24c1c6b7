"""One small process between the server and each kernel.

It is the kernel's parent. It passes signals from the owner on, reports how the kernel
ended, and adopts and ends whatever the kernel's cells left running. It ends the
kernel when the owner or the server is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from dataclasses import dataclass

from . import lifetime, wire
from .children import ChildAlarm, watch
from .preload import Preloaded
from .request import Request

_CLEAN_UP_S = 1.5


@dataclass
class Fds:
    """What a keeper holds open; all of it is closed in the kernel."""

    connection: socket.socket  # to the owner
    server_alive: int  # a pipe that ends when the server does
    stdout: int
    stderr: int


def keep(request: Request, fds: Fds, preloaded: Preloaded) -> None:
    """Fork the kernel and watch it; returns in the kernel only, ready to launch."""
    os.setsid()
    lifetime.adopt_orphans()
    try:
        os.chdir(request.cwd)
    except OSError as error:
        wire.send(fds.connection, {"error": f"working directory: {error}"})
        os._exit(1)
    alarm = ChildAlarm()
    keeper_pid = os.getpid()
    kernel_pid = lifetime.fork()
    if kernel_pid == 0:
        os.setsid()
        lifetime.die_with_parent(keeper_pid)
        alarm.remove()
        _take_streams(fds)
        preloaded.apply(request)
        return
    os.close(fds.stdout)
    os.close(fds.stderr)
    os.chdir("/")
    try:
        wire.send(fds.connection, {"pid": kernel_pid})
        status = _watch(kernel_pid, fds, alarm)
    except Exception:
        status = None  # mostly: the owner is gone. Nothing may stay in any case.
    ended = lifetime.end_children(kernel_pid, _CLEAN_UP_S)
    status = ended if status is None else status
    code = -signal.SIGKILL if status is None else os.waitstatus_to_exitcode(status)
    with contextlib.suppress(OSError):  # the owner may be gone: nobody to tell
        wire.send(fds.connection, {"exit": code})
    os._exit(0)


def _take_streams(fds: Fds) -> None:
    """Give the kernel its own standard streams, and close everything of ours."""
    stdin, writer = os.pipe()  # an ended pipe, which a spawned kernel has as well
    os.close(writer)
    for source, target in ((stdin, 0), (fds.stdout, 1), (fds.stderr, 2)):
        os.dup2(source, target)
    for fd in (stdin, fds.stdout, fds.stderr, fds.server_alive):
        if fd > 2:
            os.close(fd)
    fds.connection.close()


def _watch(kernel_pid: int, fds: Fds, alarm: ChildAlarm) -> int | None:
    """Return the kernel's wait status, or None when owner or server ended first."""
    heard = {
        fds.server_alive: lambda: False,
        fds.connection.fileno(): lambda: _obey(kernel_pid, fds.connection),
    }
    return watch(kernel_pid, alarm, heard)


def _obey(kernel_pid: int, connection: socket.socket) -> bool:
    """Send the kernel the signal that the owner asks for; False when it is gone."""
    try:
        message, _fds = wire.receive(connection)
    except (EOFError, OSError):
        return False
    signum = message.get("signal")
    if isinstance(signum, int) and signum in signal.valid_signals():
        lifetime.signal_group(kernel_pid, signum)
    return True
