"""Wake a `select` loop when a child ends, and leave no trace of that in a fork."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Mapping
from types import FrameType

from . import lifetime


class ChildAlarm:
    """A file descriptor that becomes readable whenever a child of ours ends."""

    def __init__(self) -> None:
        self.reader, self._writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self._writer, False)
        self._previous_handler = signal.signal(signal.SIGCHLD, _ignore)
        self._previous_fd = signal.set_wakeup_fd(
            self._writer, warn_on_full_buffer=False
        )

    def clear(self) -> None:
        """Make the descriptor unreadable until the next child ends."""
        try:
            while os.read(self.reader, 4096):
                pass
        except BlockingIOError:
            pass

    def remove(self) -> None:
        """In a forked child: restore the signal as it was before, close the pipe."""
        signal.set_wakeup_fd(self._previous_fd)
        signal.signal(signal.SIGCHLD, self._previous_handler)
        os.close(self.reader)
        os.close(self._writer)


def watch(
    child: int, alarm: ChildAlarm, heard: Mapping[int, Callable[[], bool]]
) -> int | None:
    """Return a child's wait status, or None once it is to end.

    `heard` says what to do when a descriptor can be read; False ends the child.
    """
    poll = select.poll()
    for fd in (*heard, alarm.reader):
        poll.register(fd, select.POLLIN)
    while True:
        ready = {fd for fd, _event in poll.poll()}
        if alarm.reader in ready:
            alarm.clear()
            ended = dict(lifetime.reap())
            if child in ended:
                return ended[child]
        if not all(hear() for fd, hear in heard.items() if fd in ready):
            return None


def _ignore(_signum: int, _frame: FrameType | None) -> None:
    """The wakeup descriptor does the work, but needs a Python handler."""
