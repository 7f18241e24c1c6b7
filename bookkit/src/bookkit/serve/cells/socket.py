"""One open page's web socket: its first message, its orders, what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import deque
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bookkit.serve.cells.gate import HELLO_S, Gate
from bookkit.serve.cells.orders import Refused, order_in

if TYPE_CHECKING:  # Jupyter's client takes longer to import than pages may wait
    from bookkit.serve.cells.runner import Runner
    from bookkit.serve.cells.visits import Visit, Visits

#: Why a socket is closed.
NO_HELLO, NO_TOKEN, TOO_MANY, TOO_LATE = 4400, 4401, 4429, 4408
#: A message may be so long, and a page may send so many in so many seconds.
LONGEST_MESSAGE = 1_000_000
_LONGEST_HELLO = 2000
_MOST_MESSAGES, _WITHIN_S = 200, 4.0
_MOST_WINDOWS = 20
#: A page that does not read is let go when so much waits for it.
_MOST_WAITING_BYTES = 8_000_000
_READER = re.compile(r"[\w-]{1,64}", re.ASCII)


class OpenPage:
    """A page that has shown the token."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._texts: asyncio.Queue[str] = asyncio.Queue()
        self._waiting = 0
        self.overflowed = asyncio.Event()

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message as soon as the page reads it."""
        text = json.dumps(message, ensure_ascii=False)
        self._waiting += len(text)
        if self._waiting > _MOST_WAITING_BYTES:
            self.overflowed.set()
        else:
            self._texts.put_nowait(text)

    async def send(self) -> None:
        """Send what is told, until the page is gone or does not read."""
        while not self.overflowed.is_set():
            text = await self._texts.get()
            await self._socket.send_text(text)
            self._waiting -= len(text)
            if self._texts.empty():
                self._waiting = 0


class RunSocket:
    """The end point that runs cells."""

    def __init__(self, site: Path, visits: asyncio.Future[Visits], gate: Gate) -> None:
        self._site, self._coming, self._gate = site, visits, gate
        #: Is set once somebody has shown the token.
        self.wanted = asyncio.Event()

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page from its first message to its last."""
        await socket.accept()
        if self._gate.is_full:
            await socket.close(TOO_MANY)
            return
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            with self._gate.stranger():
                code, hello = await self._greet(socket)
            if code:
                await socket.close(code)
            else:
                await self._serve(socket, hello)

    async def _greet(self, socket: WebSocket) -> tuple[int, dict[str, Any]]:
        """Return why the door stays shut, 0 if it opens; and the first message."""
        try:
            async with asyncio.timeout(HELLO_S):
                hello = _read(await _text(socket), _LONGEST_HELLO)
        except TimeoutError:
            return TOO_LATE, {}
        if not await self._gate.opens_for(hello.get("token")):
            return NO_TOKEN, {}
        reader, page = hello.get("reader"), hello.get("page")
        if hello.get("type") != "hello" or not _is_reader(reader):
            return NO_HELLO, {}
        return (0, hello) if self._has_page(page) else (NO_HELLO, {})

    def _has_page(self, page: object) -> bool:
        name = page if isinstance(page, str) and len(page) < 300 else ""
        is_inside = name and "\0" not in name and ".." not in PurePosixPath(name).parts
        return bool(is_inside) and (self._site / f"./{name}.html").is_file()

    async def _serve(self, socket: WebSocket, hello: dict[str, Any]) -> None:
        self.wanted.set()
        visits = await self._coming
        visit = visits.visit(hello["reader"], hello["page"])
        if len(visit.windows) >= _MOST_WINDOWS:
            await socket.close(TOO_MANY)
            return
        page = OpenPage(socket)
        page.tell(visits.ready(visit))
        for runner in visit.runners.values():
            for message in runner.missed():
                page.tell(message)
        visit.windows.append(page)
        jobs = [
            asyncio.create_task(visits.warm(hello.get("tab"))),
            asyncio.create_task(page.send()),
            asyncio.create_task(self._obey(socket, visits, visit, page)),
        ]
        try:
            await asyncio.wait(jobs[1:], return_when=asyncio.FIRST_COMPLETED)
        finally:
            visit.windows.remove(page)
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
        await socket.close(TOO_MANY)

    async def _obey(
        self, socket: WebSocket, visits: Visits, visit: Visit, page: OpenPage
    ) -> None:
        """Follow orders until the page is gone or sends too many."""
        times: deque[float] = deque(maxlen=_MOST_MESSAGES)
        while True:
            message = _read(await _text(socket), LONGEST_MESSAGE)
            now = time.monotonic()
            if len(times) == _MOST_MESSAGES and now - times[0] < _WITHIN_S:
                return
            times.append(now)
            try:
                await _follow(message, visits, visit, page)
            except Refused as refusal:
                told = {"type": "problem", "text": str(refusal), "next": refusal.next}
                page.tell(told)


async def _follow(
    message: dict[str, Any], visits: Visits, visit: Visit, page: OpenPage
) -> None:
    """Follow one order.

    Raises:
        Refused: it is none, or cannot be followed here.
    """
    kind, tab = message.get("type"), message.get("tab")
    if not isinstance(tab, str):
        raise Refused(visits.words["message"])
    runner = visits.runner(visit, tab)
    code, cursor = message.get("code"), message.get("cursor")
    if kind == "start":
        runner.begin()
    elif kind == "execute" and isinstance(code, str):
        runner.execute(order_in(message, code))
    elif kind == "interrupt":
        await runner.interrupt()
    elif kind == "restart":
        await runner.restart()
    elif kind == "stop":
        await runner.stop(visits.words["stopped"])
    elif kind == "answer":
        runner.answer(str(message.get("text", "")))
    elif (
        kind in ("complete", "inspect")
        and isinstance(code, str)
        and isinstance(cursor, int)
    ):
        asyncio.ensure_future(
            _help(kind, runner, code, cursor, message.get("id"), page)
        )
    else:
        raise Refused(visits.words["message"])


async def _help(
    kind: str, runner: Runner, code: str, cursor: int, id_: Any, page: OpenPage
) -> None:
    from bookkit.site.shown.terminal import as_shown

    if kind == "complete":
        found = await runner.complete(code, cursor)
        told = {
            "type": "completions",
            "start": found.get("cursor_start", cursor),
            "end": found.get("cursor_end", cursor),
            "matches": list(found.get("matches", ()))[:200],
        }
    else:
        found = await runner.inspect(code, cursor)
        text = found.get("data", {}).get("text/plain", "")
        told = {"type": "help", "text": as_shown(text)}
    page.tell({**told, "id": id_})


async def _text(socket: WebSocket) -> str:
    """Return the next message; "" for one that is no text.

    Raises:
        WebSocketDisconnect: there is none any more.
    """
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    return message.get("text") or ""


def _read(text: str, longest: int) -> dict[str, Any]:
    """Return a message; an empty one for what is none."""
    if len(text) > longest:
        return {}
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _is_reader(name: object) -> bool:
    return isinstance(name, str) and bool(_READER.fullmatch(name))
