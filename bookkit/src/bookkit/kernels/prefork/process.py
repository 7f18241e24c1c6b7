"""A forked kernel as its owner sees it: the part of `subprocess.Popen` in use."""

import contextlib
import os
import select
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
        self.reason: str | None = None  # when the exit code alone would mislead
        self._connection = connection
        self._asked: set[int] = set()
        self._lock = threading.Lock()
        _running.add(self)

    def poll(self) -> int | None:
        """Return how the kernel ended, None while it runs. Never blocks."""
        with self._lock:
            if self.returncode is not None:
                return self.returncode
            try:
                message = wire.receive_before(self._connection, timeout_s=0)
            except (OSError, EOFError, ValueError):
                self.reason = "ended with the process that watched it"
                self._finish(-signal.SIGKILL)
                self._end_group()
                return self.returncode
            if message is not None and isinstance(message.get("exit"), int):
                self.reason = message.get("reason")
                if -message["exit"] in self._asked and not self.reason:
                    self.reason = f"stopped by signal {-message['exit']}, as asked"
                self._finish(message["exit"])
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
            self._asked.add(int(signum))
            if self.returncode is None:
                # If the keeper is gone, the next poll finds that out.
                with contextlib.suppress(OSError):
                    wire.send(self._connection, {"signal": int(signum)})

    def kill(self) -> None:
        """Kill the kernel and everything in its process group."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel's process group to end."""
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


def wait_readable(connection: socket.socket, timeout_s: float) -> bool:
    """Tell whether something arrived on `connection` within `timeout_s`."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))
