"""One kernel: its process, and what is sent to it and heard from it.

Its channels are read as they come, whatever it does: output that nobody can show is
thrown away unread.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import zmq
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager

from bookkit.kernels.client import with_our_client
from bookkit.run.neutral import ASK, Neutral
from bookkit.serve.cells.memory import let_go_first

_log = logging.getLogger(__name__)

#: A message that is longer is not received: the sender is cut off and comes again.
_LONGEST_BYTES = 2**26
_START_S = 120.0
#: Completion by jedi imports it for seconds, while no cell can run.
_QUICK_WORDS = "get_ipython().Completer.use_jedi = False"
_LOOK_S = 0.1
#: After its reply, the rest of what a cell published is waited for no longer.
_REST_S = 1.0
_ASK_S = 10.0
_OLD_SINKS = 20
_TRIES, _AGAIN_S = 20, 0.5

Message = Mapping[str, Any]


class Died(Exception):
    """The kernel has ended; `code` is as in `subprocess`."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class Sink(Protocol):
    """Where what one run of a cell publishes goes."""

    limit_bytes: int
    is_cut: bool

    async def take(self, message: Message) -> None:
        """Take a message that the kernel published."""

    def overflow(self) -> None:
        """Hear that there was more than anybody looked at."""

    def ask(self, message: Message) -> None:
        """Hear that the cell waits for input."""


@dataclass(frozen=True)
class Reply:
    """How a run of a cell ended."""

    is_ok: bool
    error: str
    seconds: float


class Kernel:
    """A running kernel."""

    def __init__(self, name: str, context: zmq.asyncio.Context) -> None:
        context.setsockopt(zmq.MAXMSGSIZE, _LONGEST_BYTES)
        self._manager = with_our_client(
            AsyncKernelManager(kernel_name=name, context=context)
        )
        self.ended: asyncio.Future[int | None] = asyncio.Future()
        self._client: Any = None
        self._jobs: list[asyncio.Task[None]] = []
        self._replies: dict[str, asyncio.Future[Message]] = {}
        self._sinks: dict[str, Sink] = {}
        self._idle: dict[str, asyncio.Event] = {}
        #: Makes what it puts out as the book's outputs are.
        self.neutral = Neutral({}, ())

    @property
    def pid(self) -> int | None:
        """Return the process, where it is one of this machine."""
        pid = getattr(self._manager.provisioner, "pid", None)
        return pid if isinstance(pid, int) else None

    async def start(self, folders: Sequence[Path], env: Mapping[str, str]) -> None:
        """Start it in the first of some folders, and wait until it answers.

        What cells show names none of these folders.

        Raises:
            RuntimeError: it does not answer.
        """
        await self._manager.start_kernel(cwd=str(folders[0]), env=dict(env))
        if self.pid:
            let_go_first(self.pid)
        self._client = self._manager.client()
        self._client.start_channels(hb=False)
        await self._client.wait_for_ready(_START_S)
        self._client.execute(_QUICK_WORDS, silent=True)
        hear = (self._hear_published(), self._hear_replies(), self._hear_questions())
        self._jobs = [asyncio.create_task(one) for one in (*hear, self._watch())]
        temporary = Path(env["TMPDIR"]) if "TMPDIR" in env else None
        self.neutral = Neutral(await self._about(), folders, temporary)

    async def execute(self, code: str, sink: Sink) -> Reply:
        """Run code; what it publishes goes to `sink`.

        Raises:
            Died: the kernel ended meanwhile.
        """
        began = time.monotonic()
        message_id = self._client.execute(code, stop_on_error=False)
        self._sinks[message_id] = sink
        while len(self._sinks) > _OLD_SINKS:  # threads may print after their cell
            self._sinks.pop(next(iter(self._sinks)))
        idle = self._idle[message_id] = asyncio.Event()
        try:
            content = (await self._reply(message_id))["content"]
            seconds = time.monotonic() - began
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(idle.wait(), _REST_S)
            if not idle.is_set() and not self.ended.done():
                sink.overflow()
                await self._hear_again()
        finally:
            self._idle.pop(message_id, None)
        is_ok = content.get("status") == "ok"
        return Reply(is_ok, str(content.get("ename", "")), seconds)

    async def complete(self, code: str, cursor: int) -> Message:
        """Return what may stand at the cursor; empty without an answer in time."""
        return await self._asked(self._client.complete(code, cursor))

    async def inspect(self, code: str, cursor: int) -> Message:
        """Return what the kernel knows of the name at the cursor."""
        return await self._asked(self._client.inspect(code, cursor))

    def answer(self, text: str) -> None:
        """Give the running cell what it asked for."""
        self._client.input(text)

    async def interrupt(self) -> None:
        """Interrupt what is running."""
        if not self.ended.done():
            await self._manager.interrupt_kernel()

    async def stop(self) -> None:
        """End the process with all that it started."""
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        with contextlib.suppress(Exception):  # it may be gone, or half started
            await self._manager.shutdown_kernel(now=True)
        if self._client is not None:
            self._client.stop_channels()
        self._end(None)

    async def _about(self) -> Mapping[str, Any]:
        """Ask where it runs; nothing is known without an answer in time."""
        asked = {"about": ASK}
        reply = await self._asked(
            self._client.execute("", silent=True, user_expressions=asked)
        )
        answer = reply.get("user_expressions", {}).get("about", {})
        text = answer.get("data", {}).get("text/plain", "'{}'")
        about: Mapping[str, Any] = json.loads(ast.literal_eval(text))
        return about

    async def _hear_again(self) -> None:
        """After a message that was too long: wait until its channel is open again."""
        for _ in range(_TRIES):
            message_id = self._client.kernel_info()
            idle = self._idle[message_id] = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN_S):
                    await self._reply(message_id)
                    await idle.wait()
                    return
            del self._idle[message_id]

    async def _asked(self, message_id: str) -> Message:
        with contextlib.suppress(TimeoutError, Died):
            reply = await asyncio.wait_for(self._reply(message_id), _ASK_S)
            content: Message = reply["content"]
            return content
        return {}

    async def _reply(self, message_id: str) -> Message:
        waiting = self._replies[message_id] = asyncio.Future()
        try:
            await asyncio.wait(
                (waiting, self.ended), return_when=asyncio.FIRST_COMPLETED
            )
            if waiting.done():
                return waiting.result()
            raise Died(self.ended.result())
        finally:
            self._replies.pop(message_id, None)

    async def _hear_published(self) -> None:
        channel = self._client.iopub_channel
        while True:
            parts = await channel.socket.recv_multipart(copy=False)
            parent = _parent_of(parts)
            sink = self._sinks.get(parent)
            if sink and sink.is_cut and _size(parts) > sink.limit_bytes:
                continue
            message = self._read(channel, parts)
            if message is None:
                continue
            if message["msg_type"] == "status":
                if message["content"].get("execution_state") == "idle":
                    self._idle.get(parent, asyncio.Event()).set()
            elif sink:
                try:
                    await sink.take(message)
                except Exception:  # one output is lost, not all that follow
                    _log.exception("an output of a cell cannot be shown")

    async def _hear_replies(self) -> None:
        channel = self._client.shell_channel
        while True:
            parts = await channel.socket.recv_multipart(copy=False)
            message = self._read(channel, parts)
            waiting = self._replies.get(_parent_of(parts))
            if message and waiting and not waiting.done():
                waiting.set_result(message)

    async def _hear_questions(self) -> None:
        channel = self._client.stdin_channel
        while True:
            parts = await channel.socket.recv_multipart(copy=False)
            message = self._read(channel, parts)
            sink = self._sinks.get(_parent_of(parts))
            if message and sink:
                sink.ask(message)

    def _read(self, channel: Any, parts: list[zmq.Frame]) -> Message | None:
        """Return a message; None: nobody but the kernel could have signed it."""
        try:
            _, own = channel.session.feed_identities(parts, copy=False)
            message: Message = channel.session.deserialize(own, copy=False)
        except (ValueError, IndexError, KeyError, TypeError):
            return None
        return message

    async def _watch(self) -> None:
        provisioner = self._manager.provisioner
        while (code := await provisioner.poll()) is None:
            await asyncio.sleep(_LOOK_S)
        self._end(code)

    def _end(self, code: int | None) -> None:
        if not self.ended.done():
            self.ended.set_result(code)


def _size(parts: list[zmq.Frame]) -> int:
    return sum(len(part) for part in parts)


def _parent_of(parts: list[zmq.Frame]) -> str:
    """Return the request that a message belongs to, without looking at the rest."""
    with contextlib.suppress(ValueError, IndexError, KeyError, TypeError):
        at = next(i for i, part in enumerate(parts) if part.bytes == b"<IDS|MSG>")
        return str(json.loads(parts[at + 3].bytes)["msg_id"])
    return ""
