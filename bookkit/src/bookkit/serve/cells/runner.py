"""One tab of one reader's page: a kernel's life, and what it is to run, in order."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookkit.kernels.prefork import describe_exit
from bookkit.serve.cells.given import Given
from bookkit.serve.cells.kernel import Died, Kernel, Reply
from bookkit.serve.cells.orders import Order, Refused
from bookkit.serve.cells.outputs import Outputs, Tell

#: A cell that ignores an interruption for so long is ended with its kernel.
_STUBBORN_S = 5.0


@dataclass(frozen=True)
class House:
    """What a runner needs of the server around it."""

    #: Starts a kernel in a folder of its own, or raises `Refused`.
    start: Callable[[Runner], Awaitable[tuple[Kernel, Path]]]
    #: Is told of a kernel that has ended, and of its folder.
    ended: Callable[[Runner, Path], None]
    #: What `d2l` is at the moment, as a digest.
    library: Callable[[str], str]
    words: Mapping[str, str]
    limit_bytes: int


class Runner:
    """Runs cells of one tab, one after the other, in a kernel that it starts."""

    def __init__(self, tab: str, title: str, tell: Tell, house: House) -> None:
        self.tab = tab
        self._title, self._tell, self._house = title, tell, house
        self.state, self.generation = "dead", 0
        self.ran: dict[str, str] = {}
        self._given = Given()
        self.last_used = time.monotonic()
        self._queue: deque[Order] = deque()
        self._current: Order | None = None
        self._outputs: Outputs | None = None
        self.kernel: Kernel | None = None
        self._folder = Path()
        self._library = ""
        self._job: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._interrupted = False
        #: What is said of the end; None: it was not expected.
        self._why_ended: str | None = None

    # What pages are told.

    def described(self) -> dict[str, Any]:
        """Return what a page that comes is told of this kernel."""
        state = "busy" if self.state in ("starting", "busy") else self.state
        about = {"state": state, "generation": self.generation, "ran": dict(self.ran)}
        return about | ({"text": text} if (text := self.stale()) else {})

    def missed(self) -> list[dict[str, Any]]:
        """Return what a page that comes has missed: what cells gave, and now give."""
        told = list(self._given.messages())
        if self._current and self._outputs and self._outputs.question:
            question = {"type": "input", **self._outputs.question}
            told.append(self._about(self._current, question))
        return told

    def stale(self) -> str:
        """Say that the kernel has an older `d2l` than the book; "" where it has not."""
        is_old = self.kernel and self._library != self._house.library(self.tab)
        return self._house.words["library"] if is_old else ""

    def tell_state(self, state: str = "", text: str = "") -> None:
        """Tell all pages of this kernel what it does."""
        self.state = state or self.state
        about = {"state": self.state, "generation": self.generation, "text": text}
        self._tell({"type": "kernel", "tab": self.tab, **about})

    def _about(self, order: Order, message: dict[str, Any]) -> dict[str, Any]:
        return {**message, "tab": self.tab, "id": order.id, "cell": order.cell}

    def _tell_of(self, order: Order, message: dict[str, Any]) -> None:
        """Tell all pages of a run, and those that come later."""
        told = self._about(order, message)
        if order is self._current:
            self._given.note(told)
        self._tell(told)

    def _done(self, order: Order, status: str, seconds: float = 0.0) -> None:
        told = {"type": "done", "status": status, "seconds": round(seconds, 3)}
        self._tell_of(order, {**told, "mark": order.mark})

    # What pages ask for.

    def begin(self) -> None:
        """Start the kernel before it is needed."""
        self._work()

    def execute(self, order: Order) -> None:
        """Run a cell after those that wait."""
        self._queue.append(order)
        self._work()

    async def interrupt(self) -> None:
        """Stop what is running, and forget what waits."""
        self._abort_waiting()
        kernel, order = self.kernel, self._current
        if kernel is None or order is None:
            return
        self._interrupted = True
        await kernel.interrupt()
        asyncio.get_running_loop().call_later(
            _STUBBORN_S, lambda: asyncio.ensure_future(self._end_stubborn(order))
        )

    async def restart(self) -> None:
        """Start a new kernel in the place of this one."""
        await self.stop()
        self.begin()

    async def stop(self, why: str = "") -> None:
        """End the kernel; `why` is for the reader."""
        self._abort_waiting()
        self._why_ended = why
        if self.kernel is None and self._job:
            self._job.cancel()  # it is starting
        had_kernel = self.kernel is not None
        await self._end_kernel()
        if self._job:
            await asyncio.gather(self._job, return_exceptions=True)
        if not had_kernel:  # the watch over one has told
            self.tell_state("dead", why)

    def answer(self, text: str) -> None:
        """Give the running cell what it asked for."""
        if self.kernel and self._outputs and self._outputs.question:
            self._outputs.question = None
            self.kernel.answer(text)

    async def complete(self, code: str, cursor: int) -> Mapping[str, Any]:
        """Return completions; none while a cell runs."""
        if self.kernel is None or self._current:
            return {}
        return await self.kernel.complete(code, cursor)

    async def inspect(self, code: str, cursor: int) -> Mapping[str, Any]:
        """Return help; none while a cell runs."""
        if self.kernel is None or self._current:
            return {}
        return await self.kernel.inspect(code, cursor)

    # How it is done.

    def _work(self) -> None:
        self.last_used = time.monotonic()
        if self._job is None or self._job.done():
            self._job = asyncio.create_task(self._run_waiting())
        elif self.state == "busy":
            self.tell_state_of_queue()

    def tell_state_of_queue(self) -> None:
        """Say that a cell waits, without taking that for the kernel's state."""
        about = {"state": "queued", "generation": self.generation, "text": ""}
        self._tell({"type": "kernel", "tab": self.tab, **about})

    async def _run_waiting(self) -> None:
        is_first = True
        while self._queue or is_first:
            is_first = False
            try:
                kernel = self.kernel or await self._start()
                while self._queue:
                    await self._run(kernel, self._queue.popleft())
            except Died:
                continue  # what came after that needs another kernel
            except Refused as refusal:
                text, remedy = str(refusal), refusal.next
                self._tell({"type": "problem", "text": text, "next": remedy})
                self._abort_waiting()
        self.last_used = time.monotonic()
        if self.state == "busy":
            self.tell_state("idle")

    async def _start(self) -> Kernel:
        words = self._house.words
        self.tell_state("starting", words["starting"].format(title=self._title))
        try:
            self.kernel, self._folder = await self._house.start(self)
        except BaseException as error:
            self.tell_state("dead", str(error) if isinstance(error, Refused) else "")
            raise
        self.generation += 1
        self.ran.clear()
        self._given.forget()
        self._why_ended, self._library = None, self._house.library(self.tab)
        self._watch = asyncio.create_task(self._watch_over(self.kernel))
        if self.generation > 1:
            self.tell_state("restarted", words["restarted"])
        self.tell_state("idle")
        return self.kernel

    async def _run(self, kernel: Kernel, order: Order) -> None:
        self._current, self._interrupted = order, False
        if self.state != "busy":
            self.tell_state("busy")
        for cell in order.forgets:
            self.ran.pop(cell, None)
        self._tell_of(order, {"type": "running", "forgets": order.forgets})
        outputs = self._outputs = Outputs(
            lambda message: self._tell_of(order, message),
            self._house.limit_bytes,
            self._house.words["cut"],
            kernel.neutral,
        )
        try:
            reply = await kernel.execute(order.code, outputs)
        except Died:
            if self._watch:  # it tells, and clears up
                await asyncio.wait([self._watch])
            raise
        else:
            outputs.end_text()
            self._end(order, reply)
        finally:
            self._current = self._outputs = None

    def _end(self, order: Order, reply: Reply) -> None:
        if reply.is_ok:
            self.ran[order.cell] = order.mark
            self._done(order, "ok", reply.seconds)
            return
        self.ran.pop(order.cell, None)
        status = "interrupted" if self._interrupted else "error"
        self._done(order, status, reply.seconds)
        if self._interrupted or not order.goes_on:
            self._abort_waiting()

    def _abort_waiting(self) -> None:
        while self._queue:
            self._done(self._queue.popleft(), "aborted")

    async def _end_stubborn(self, order: Order) -> None:
        if self._current is order:
            self._why_ended = self._house.words["stubborn"]
            await self._end_kernel()

    async def _watch_over(self, kernel: Kernel) -> None:
        """Tell that the kernel has ended, and clear up behind it."""
        code = await asyncio.shield(kernel.ended)
        if self.kernel is kernel:
            self.kernel = None
            why = self._why_ended
            if why is None:
                why = self._house.words["died"].format(how=describe_exit(code))
            self.tell_state("dead", why)
            if self._current and self._outputs:
                self._outputs.end_text()
                self._done(self._current, "died")
            self._abort_waiting()
            await kernel.stop()
            self._house.ended(self, self._folder)

    async def _end_kernel(self) -> None:
        kernel, watch = self.kernel, self._watch
        if kernel is not None:
            with contextlib.suppress(Exception):
                await kernel.stop()
            if watch:
                await asyncio.gather(watch, return_exceptions=True)
