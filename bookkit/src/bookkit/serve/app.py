"""The site over HTTP: files of one folder, pages with the script that renews them."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from bookkit.serve.addresses import HostNames
from bookkit.serve.live import Board

_STATIC = Path(__file__).parent / "static"
#: Our own files and the web socket are below this address, which no page has.
OWN = "/_bookkit"
#: Seconds in which a finished build puts its folder in the place of the last one.
_SWAP_S = 0.5


class Site:
    """Answers for one folder; the one built last is read at every request."""

    def __init__(self, folder: Path, board: Board) -> None:
        self._folder = folder
        self._board = board

    async def get(self, request: Request) -> Response:
        """Answer with the file, with a page's `index.html`, or with our 404."""
        # Read first: a page newer than its version is loaded once more, never stale.
        version = self._board.state.version
        address = request.url.path
        path = await asyncio.to_thread(self._find, address)
        if path is None and version:
            await asyncio.sleep(_SWAP_S if not self._folder.is_dir() else 0)
            path = await asyncio.to_thread(self._find, address)
        if path is None:
            return self._without_page(version)
        if path.name == "index.html" and not address.endswith(("/", ".html")):
            return RedirectResponse(quote("/" + address.strip("/") + "/"))
        if path.suffix != ".html":
            return FileResponse(path)
        return _page(await asyncio.to_thread(path.read_bytes), version)

    async def live(self, socket: WebSocket) -> None:
        """Tell a page the state for as long as it is open."""
        await socket.accept()

        async def tell() -> None:
            async for state in self._board.follow():
                await socket.send_json(state)

        telling = asyncio.create_task(tell())
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    def _find(self, address: str) -> Path | None:
        """Return a file below the folder, links resolved; never one that hides."""
        parts = [part for part in address.split("/") if part]
        if any(part.startswith(".") or "\\" in part for part in parts):
            return None
        try:
            folder = self._folder.resolve()
            path = folder.joinpath(*parts).resolve()
            if path.is_dir():
                path = (path / "index.html").resolve()
            inside = path.is_relative_to(folder) and path.is_file()
            return path if inside and not address.endswith(".html/") else None
        except (OSError, ValueError):  # too long, a NUL
            return None

    def _without_page(self, version: str) -> Response:
        name, status = ("missing.html", 404) if version else ("waiting.html", 503)
        return _page((_STATIC / name).read_bytes(), version, status)


def _page(html: bytes, version: str, status: int = 200) -> Response:
    head, end, rest = html.partition(b"</head>")
    if not end:
        head, rest = b"", html
    ours = (
        f'<link rel="stylesheet" href="{OWN}/live.css">'
        f'<script defer src="{OWN}/live.js" data-version="{version}"></script>'
    )
    return Response(
        b"".join([head, ours.encode(), end, rest]), status, media_type="text/html"
    )


async def _own_file(name: str, request: Request) -> Response:
    return FileResponse(_STATIC / name)


class _Guard:
    """Refuses who does not ask for us by name, and lets no answer be kept."""

    def __init__(self, app: ASGIApp, names: HostNames) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        is_socket = scope["type"] == "websocket"
        if not self._names.know(host):
            text = f"This server does not answer for `{host}`. Open http://127.0.0.1\n"
        elif is_socket and not self._names.same_site(origin, host):
            text = "Only pages of this server may follow it.\n"
        else:
            await self._app(scope, receive, functools.partial(_uncached, send))
            return
        if is_socket:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(text, 403)(scope, receive, send)


async def _uncached(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
    await send(message)


def make_app(folder: Path, board: Board, names: HostNames) -> ASGIApp:
    """Return the application that serves `folder`."""
    site = Site(folder, board)
    own = [
        Route(f"{OWN}/{name}", functools.partial(_own_file, name))
        for name in ("live.js", "live.css")
    ]
    routes = [
        *own,
        WebSocketRoute(f"{OWN}/live", site.live),
        Route("/{path:path}", site.get),
    ]
    return _Guard(Starlette(routes=routes), names)
