"""The kernel provisioner: how `jupyter_client` starts a kernel by forking a server.

`LocalProvisioner._scrub_kwargs`, which is not public, takes from the options what no
process understands, as `LocalProvisioner` itself does. Until that is public; nobody has
asked jupyter_client for it yet.
"""

import asyncio
import concurrent.futures
import contextlib
import logging
import os
import pathlib
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from bookkit.kernels.programs import kept_command

from . import sockets
from .process import PreforkProcess
from .server import wire
from .servers import PreforkError, Server, ServerSpec, get_server

_log = logging.getLogger(__name__)
_noticed: set[str] = set()

_SWITCH = "BOOKKIT_PREFORK"
_MODULE = ["-m", "ipykernel_launcher"]
_START_S = 180.0
_ANSWER_S = 30.0
_KILL_S = 0.5
_CHILD_S = 5.0
_PAUSE_S = 0.005
_KNOWN_KEYWORDS = {"env", "cwd", "stdin", "stdout", "stderr", "independent"}


class PreforkProvisioner(LocalProvisioner):
    """Forks kernels from a server that has imported `preload`; else spawns them."""

    preload = List(
        Unicode(), help="Modules that the server imports, e.g. ['torch']."
    ).tag(config=True)

    _alive: int | None = None

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of a spawned kernel's keeper."""
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
        await super().cleanup(restart)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Name the kernel's sockets, so that nobody else can take them meanwhile."""
        if self.parent is not None:
            sockets.name_sockets(self.parent)
        return await super().pre_launch(**kwargs)

    async def launch_kernel(
        self, cmd: list[str], **kwargs: Any
    ) -> KernelConnectionInfo:
        """Fork a kernel; when that cannot be, say so in one line and spawn it."""
        options = LocalProvisioner._scrub_kwargs(kwargs)
        if self._is_wanted(options):
            try:
                process = await self._fork_kernel(cmd, options)
            except PreforkError as error:
                _notice(f"No kernel can be forked, so it is spawned: {error}")
            else:
                self._adopt(process, options)
                return self.connection_info
        if kwargs.get("independent"):
            return await super().launch_kernel(cmd, **kwargs)
        return await self._spawn(cmd, kwargs)

    async def _spawn(self, cmd: list[str], options: Any) -> KernelConnectionInfo:
        """Start a kernel anew; its keeper ends with us what its cells have started."""
        with kept_command(cmd) as (words, reader, writer):
            passed = (*options.pop("pass_fds", ()), reader)
            info = await super().launch_kernel(words, pass_fds=passed, **options)
            self._alive = writer
        if self.pid is not None:
            # Its memory is asked for, and not the keeper's
            attributes = cast(Any, self)
            attributes.pid = await _child_of(self.pid) or self.pid
        return info

    async def wait(self) -> int | None:
        """Wait for the kernel's end, with shorter pauses than the base class."""
        if isinstance(self.process, PreforkProcess):
            while await self.poll() is None:
                await asyncio.sleep(_PAUSE_S)
        return await super().wait()

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and stay a moment: its end takes a few milliseconds.

        The manager, which waits for it after this, looks every tenth of a second.
        """
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
        await super().kill(restart)
        deadline = time.monotonic() + _KILL_S
        while await self.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(_PAUSE_S)

    async def send_signal(self, signum: int) -> None:
        """Signal the kernel's process group, through its parent if it was forked."""
        if isinstance(self.process, PreforkProcess):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    def _is_wanted(self, options: Mapping[str, Any]) -> bool:
        env = options.get("env") or os.environ
        switched_off = "0" in (env.get(_SWITCH), os.environ.get(_SWITCH))
        # An independent kernel survives its owner. Forked ones never do.
        return not switched_off and not options.get("independent")

    async def _fork_kernel(
        self, cmd: Sequence[str], options: Mapping[str, Any]
    ) -> PreforkProcess:
        _check_platform()
        unknown = sorted(set(options) - _KNOWN_KEYWORDS)
        if unknown or options.get("stdin") not in (None, subprocess.DEVNULL):
            raise PreforkError(f"the launch asks for {', '.join(unknown) or 'stdin'}")
        python, arguments = split_command(cmd)
        env = dict(options.get("env") or os.environ)
        cwd = os.path.abspath(options.get("cwd") or os.curdir)
        spec = ServerSpec.build(python, self.preload, env, cwd)
        env["JPY_PARENT_PID"] = str(os.getpid())
        request = {"command": list(cmd), "arguments": arguments}
        message = {**request, "env": env, "cwd": cwd}
        with _open_streams(options) as (stdout, stderr):
            for _attempt in range(2):
                server = get_server(spec)
                await _wait_until_ready(server)
                try:
                    return await _request(server, message, stdout, stderr)
                except EOFError:
                    # It was killed a moment ago. The next one is a new one.
                    await asyncio.to_thread(server.join, 2.0)
        raise PreforkError("the server ends as soon as it forks")

    def _adopt(self, process: PreforkProcess, options: Mapping[str, Any]) -> None:
        # The base class infers the type of these from their initial None.
        attributes = cast(Any, self)
        attributes.process = process
        attributes.pid = attributes.pgid = process.pid
        attributes.cwd = options.get("cwd", pathlib.Path.cwd())


def start(
    kernel_spec: KernelSpec, env: Mapping[str, str] | None = None, cwd: str = os.curdir
) -> "concurrent.futures.Future[None]":
    """Start the server for a kernelspec ahead of its first kernel. Returns at once.

    `env` is what the kernel's manager will be given, by default this process's own.
    The result says when the server is ready; waiting for it is optional, a failure
    is not an error: kernels are then spawned.
    """
    config = kernel_spec.metadata.get("kernel_provisioner", {}).get("config", {})
    base = dict(os.environ if env is None else env)
    additions = {
        name: Template(value).safe_substitute(base)
        for name, value in kernel_spec.env.items()
    }
    full = {**base, **additions}
    full.pop("PYTHONEXECUTABLE", None)
    try:
        _check_platform()
        if full.get(_SWITCH) == "0":
            raise PreforkError("it is switched off")
        python, _arguments = split_command(kernel_spec.argv)
    except PreforkError as error:
        failed: concurrent.futures.Future[None] = concurrent.futures.Future()
        failed.set_exception(error)
        return failed
    spec = ServerSpec.build(python, config.get("preload", []), full, cwd)
    return get_server(spec).ready


def split_command(cmd: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split a kernel's command line at its `-m ipykernel_launcher`.

    Raises:
        PreforkError: it has none, or does not begin with an absolute path.
    """
    words = list(cmd)
    for index in range(1, len(words) - 1):
        if words[index : index + 2] == _MODULE:
            break
    else:
        raise PreforkError(f"the command has no {' '.join(_MODULE)!r}: {words[:4]}")
    if not os.path.isabs(words[0]):
        raise PreforkError(f"{words[0]!r} is not an absolute path")
    return words[:index], words[index + 2 :]


async def _child_of(keeper: int) -> int | None:
    """Return the first child of a process, once it is there."""
    path = pathlib.Path(f"/proc/{keeper}/task/{keeper}/children")
    deadline = time.monotonic() + _CHILD_S
    while path.exists() and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if found := path.read_text().split():
                return int(found[0])
        await asyncio.sleep(_PAUSE_S)
    return None


async def _wait_until_ready(server: Server) -> None:
    ready = asyncio.shield(asyncio.wrap_future(server.ready))
    try:
        await asyncio.wait_for(ready, _START_S)
    except TimeoutError:
        raise PreforkError(f"the server was not ready after {_START_S:g} s") from None


async def _request(
    server: Server, message: wire.Message, stdout: int, stderr: int
) -> PreforkProcess:
    """Have a kernel forked.

    Raises:
        EOFError: the server is gone.
        PreforkError: it refuses, or does not answer.
    """
    connection = server.request_kernel(message, stdout, stderr)
    try:
        answer = await _receive_answer(connection)
        if not isinstance(answer.get("pid"), int):
            raise PreforkError(str(answer.get("error", answer)))
    except BaseException:
        # Closing it ends the kernel that may have been forked meanwhile.
        connection.close()
        raise
    return PreforkProcess(answer["pid"], connection)


async def _receive_answer(connection: socket.socket) -> wire.Message:
    deadline = time.monotonic() + _ANSWER_S
    while not wire.is_readable(connection):
        if time.monotonic() > deadline:
            raise PreforkError(f"the server did not answer in {_ANSWER_S:g} s")
        await asyncio.sleep(_PAUSE_S)
    try:
        return wire.receive(connection)[0]
    except OSError as error:
        raise EOFError(str(error)) from error


@contextlib.contextmanager
def _open_streams(options: Mapping[str, Any]) -> Any:
    """Yield descriptors for a kernel's stdout and stderr, chosen as Popen would."""
    with contextlib.ExitStack() as stack:

        def choose(stream: Any, ours: int) -> int:
            if stream is None:
                with contextlib.suppress(OSError):
                    os.fstat(ours)
                    return ours
                stream = subprocess.DEVNULL
            if stream == subprocess.DEVNULL:
                devnull = os.open(os.devnull, os.O_WRONLY)
                stack.callback(os.close, devnull)
                return devnull
            if stream == subprocess.PIPE:
                raise PreforkError("the launch asks for a pipe to its streams")
            return stream if isinstance(stream, int) else int(stream.fileno())

        stdout = choose(options.get("stdout"), 1)
        merged = options.get("stderr") == subprocess.STDOUT
        yield stdout, stdout if merged else choose(options.get("stderr"), 2)


def _check_platform() -> None:
    if not (hasattr(os, "fork") and hasattr(socket, "AF_UNIX")):
        raise PreforkError("this platform has no fork, or no Unix sockets")


def _notice(text: str) -> None:
    """Warn once per reason; a build starts many kernels."""
    level = logging.DEBUG if text in _noticed else logging.WARNING
    _noticed.add(text)
    _log.log(level, text)
