"""The server: import once, then fork a keeper and a kernel for every request.

It has one Python thread, no event loop and no ZMQ context, and never uses a GPU. It
lives as long as its owner holds the other end of the control socket.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn

from . import lifetime, wire
from .children import ChildAlarm
from .keeper import Fds, keep
from .launch import launch
from .preload import Preloaded, PreloadError, preload
from .request import Request

_CLEAN_UP_S = 3.0


class _Server:
    def __init__(self, control: socket.socket, preloaded: Preloaded) -> None:
        self.control = control
        self.preloaded = preloaded
        # Keepers hold the reading end: they see at once when we end, however we do.
        self.alive_reader, self.alive_writer = os.pipe()
        self.alarm = ChildAlarm()
        self.keepers: set[int] = set()

    def serve(self) -> Callable[[], None]:
        """Answer requests until the owner is gone; returns in a forked kernel only."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        poll.register(self.alarm.reader, select.POLLIN)
        while True:
            ready = {fd for fd, _event in poll.poll()}
            if self.alarm.reader in ready:
                self.alarm.clear()
                self._reap()
            if self.control.fileno() in ready:
                start_kernel = self._answer()
                if start_kernel is not None:
                    return start_kernel

    def _answer(self) -> Callable[[], None] | None:
        try:
            message, fds = wire.receive(self.control)
        except (EOFError, OSError):
            self._end()
        try:
            request = Request(**message)
            if len(fds) != 3:
                raise ValueError(f"{len(fds)} file descriptors, expected 3")
            pid = lifetime.fork()
        except (TypeError, ValueError, OSError) as error:
            _refuse(fds, str(error))
            return None
        if pid:
            self.keepers.add(pid)
            for fd in fds:
                os.close(fd)
            return None
        self._leave_server()
        connection = socket.socket(fileno=fds[0])
        keep(request, Fds(connection, self.alive_reader, *fds[1:]), self.preloaded)
        return partial(launch, self.preloaded)

    def _leave_server(self) -> None:
        """In a keeper: let go of everything by which others recognise the server."""
        self.control.close()
        os.close(self.alive_writer)
        self.alarm.remove()

    def _reap(self) -> None:
        self.keepers.difference_update(pid for pid, _ in lifetime.reap())
        # Only a killed keeper leaves us its kernel and what that had started.
        for pid in set(lifetime.list_children()) - self.keepers:
            lifetime.signal_group(pid, signal.SIGKILL)

    def _end(self) -> NoReturn:
        """End all keepers, which end their kernels, then this process."""
        os.close(self.alive_writer)
        lifetime.wait_for_children(_CLEAN_UP_S)
        os._exit(0)


def _refuse(fds: list[int], reason: str) -> None:
    """Tell the owner, on the connection that came with its request, what is wrong."""
    if fds:
        connection = socket.socket(fileno=fds[0])
        with connection, contextlib.suppress(OSError):
            wire.send(connection, {"error": reason})
    for fd in fds[1:]:
        os.close(fd)


def main() -> Callable[[], None] | None:
    """Run the server; returns in forked kernels only, with what starts the kernel."""
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    lifetime.die_with_parent(int(sys.argv[2]))
    lifetime.adopt_orphans()
    try:
        preloaded = preload(json.loads(sys.argv[3]))
    except PreloadError as error:
        wire.send(control, {"error": str(error)})
        os._exit(1)
    wire.send(control, {"ready": True})
    return _Server(control, preloaded).serve()
