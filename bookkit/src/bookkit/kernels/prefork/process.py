"""A forked kernel as its owner sees it: the part of `subprocess.Popen` in use."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time

from .server import wire

_PAUSE_S = 0.005

# The keeper ends its kernel when this side of the connection is closed. A kernel must
# not end because somebody dropped the last reference to its manager.
_running: set["PreforkProcess"] = set()


class PreforkProcess:
    """A kernel whose keeper reports on `connection` how it ended."""

    # `LocalProvisioner` closes these when the process has ended.
    stdin = stdout = stderr = None

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._connection = connection
        self._lock = threading.Lock()
        _running.add(self)

    def poll(self) -> int | None:
        """Return how the kernel ended, None while it runs. Never blocks."""
        with self._lock:
            if self.returncode is not None:
                return self.returncode
            try:
                if wire.is_readable(self._connection):
                    self._finish(wire.receive(self._connection)[0]["exit"])
            except (OSError, EOFError):
                self._finish(-signal.SIGKILL)
                self._end_group()
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Block until the kernel has ended.

        Raises:
            TimeoutError: it is still running after `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"kernel {self.pid} still runs after {timeout} s")
            time.sleep(_PAUSE_S)
        return code

    def send_signal(self, signum: int) -> None:
        """Signal the kernel's process group; nothing happens when it has ended."""
        with self._lock:
            # The keeper sends it: as the kernel's parent it cannot hit another process.
            if self.returncode is None:
                # If the keeper is gone, the next poll finds that out.
                with contextlib.suppress(OSError):
                    wire.send(self._connection, {"signal": int(signum)})

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def forget(self) -> None:
        """In a process forked from the owner: the kernel is not ours."""
        self._connection.close()

    def _finish(self, code: int) -> None:
        self.returncode = code
        self._connection.close()
        _running.discard(self)

    def _end_group(self) -> None:
        """Without a report from its keeper a kernel may be left; not so on Linux."""
        if not sys.platform.startswith("linux"):
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)


def forget_all() -> None:
    """In a process forked from the owner: let go of the owner's kernels."""
    for process in list(_running):
        process.forget()
    _running.clear()
