"""The owner's side of servers: which ones run, how they start, how they stop."""

import atexit
import concurrent.futures
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import process
from .exits import describe_exit
from .server import wire

_SERVER = pathlib.Path(__file__).parent / "server"
_STOP_S = 4.0

# These may differ between kernels of one server: nothing reads them at import, or
# a kernel forgets what was read (`preload`).
# A server never initialises CUDA, so each kernel still chooses its devices.
_FREE_NAMES = frozenset(
    "CUDA_VISIBLE_DEVICES TMPDIR PYTEST_CURRENT_TEST PYTEST_XDIST_TESTRUNUID "
    "PWD OLDPWD SHLVL _ COLUMNS LINES TERM".split()
)


class PreforkError(Exception):
    """No kernel can be forked; the text is one line that says why."""


@dataclass(frozen=True)
class ServerSpec:
    """What two kernels must have in common to come from the same server."""

    python: tuple[str, ...]  # the interpreter and its options
    preload: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = field(repr=False)  # it may hold secrets
    cwd: str

    @classmethod
    def build(
        cls,
        python: Sequence[str],
        preload: Sequence[str],
        env: Mapping[str, str],
        cwd: str,
    ) -> "ServerSpec":
        """Leave out what may differ of `env`, and `cwd` where it does not matter."""
        fixed = {
            name: value
            for name, value in env.items()
            if name not in _FREE_NAMES and not name.startswith("JPY_")
        }
        entries = fixed.get("PYTHONPATH", "").split(os.pathsep)
        # Python makes relative entries absolute when it starts.
        relative = "PYTHONPATH" in fixed and not all(map(os.path.isabs, entries))
        return cls(
            tuple(python),
            tuple(preload),
            tuple(sorted(fixed.items())),
            os.path.abspath(cwd) if relative else "/",
        )


class Server:
    """One server process; `ready` is resolved once it has imported its modules."""

    def __init__(self, spec: ServerSpec) -> None:
        self.spec = spec
        self.ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._control, self._remote = socket.socketpair()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        # The server is killed when the thread that started it ends, so that thread
        # must live as long as the server does.
        self._thread = threading.Thread(
            target=self._run, name="prefork-server", daemon=True
        )
        self._thread.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    def request_kernel(
        self, message: wire.Message, stdout: int, stderr: int
    ) -> socket.socket:
        """Send a request; the answer comes on the returned connection.

        Raises:
            EOFError: the server is gone.
        """
        ours, theirs = socket.socketpair()
        try:
            with self._lock:
                wire.send(self._control, message, [theirs.fileno(), stdout, stderr])
        except OSError as error:
            ours.close()
            raise EOFError(f"the server is gone: {error}") from error
        finally:
            theirs.close()
        return ours

    def stop(self) -> None:
        """Ask the server to end, with all its kernels. Returns at once."""
        if not self.ready.done() and self._process:
            self._process.kill()  # it is importing, and has no kernels yet
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)

    def join(self, timeout_s: float) -> None:
        """Wait until the server has ended, and kill it after `timeout_s`."""
        if not self._ended.wait(timeout_s) and self._process:
            self._process.kill()
            self._ended.wait(1)

    def forget(self) -> None:
        """In a process forked from the owner: the server is not ours."""
        self._control.close()
        self._remote.close()

    def _run(self) -> None:
        with tempfile.TemporaryFile() as stderr:
            try:
                self._process = self._spawn(stderr.fileno())
            except OSError as error:
                self._end_with(f"the server cannot start: {error}")
                return
            finally:
                self._remote.close()
            self._follow()
            code = self._process.wait()
            self._control.close()
            stderr.seek(0)
            last = stderr.read().decode(errors="replace").strip().splitlines()[-1:]
            reason = f"the server {describe_exit(code)} while it started"
            self._end_with(": ".join([reason, *last]))

    def _spawn(self, stderr: int) -> subprocess.Popen[bytes]:
        remote = self._remote.fileno()
        arguments = (_SERVER, remote, os.getpid(), json.dumps(self.spec.preload))
        return subprocess.Popen(
            [*self.spec.python, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            cwd=self.spec.cwd,
            env=dict(self.spec.env),
            pass_fds=[remote],
            start_new_session=True,
        )

    def _follow(self) -> None:
        """Read what the server says until it closes its end."""
        while True:
            try:
                message, _fds = wire.receive(self._control)
            except (EOFError, OSError, ValueError):
                return
            if "error" in message:
                self.ready.set_exception(PreforkError(str(message["error"])))
            else:
                self.ready.set_result(None)

    def _end_with(self, reason: str) -> None:
        if not self.ready.done():
            self.ready.set_exception(PreforkError(reason))
        self._ended.set()


_servers: dict[ServerSpec, Server] = {}
_lock = threading.Lock()


def get_server(spec: ServerSpec) -> Server:
    """Return the running server for `spec`, starting it if there is none.

    A server that could not import its modules is returned as it is, failed, so that
    nobody waits for the same failure twice. One that was ready and ended is replaced.
    """
    with _lock:
        server = _servers.get(spec)
        if server is None or (server.ended and not server.ready.exception()):
            server = _servers[spec] = Server(spec)
        return server


def stop_all() -> None:
    """Stop all servers of this process and wait until their kernels have ended."""
    with _lock:
        servers = list(_servers.values())
        _servers.clear()
    for server in servers:
        server.stop()
    deadline = time.monotonic() + _STOP_S
    for server in servers:
        server.join(max(0.1, deadline - time.monotonic()))


def _forget_all() -> None:
    """A fork of the owner owns nothing, and must not keep the owner's servers alive."""
    global _lock
    _lock = threading.Lock()
    for server in _servers.values():
        server.forget()
    _servers.clear()
    process.forget_all()


atexit.register(stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
