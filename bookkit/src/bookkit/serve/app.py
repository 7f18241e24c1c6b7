"""The site over HTTP: files of one folder, pages with the script that renews them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from bookkit.serve.addresses import means_us
from bookkit.serve.live import Board

_STATIC = Path(__file__).parent / "static"
#: Our own files and the web socket are below this address, which no page has.
OWN = "/_bookkit"
#: Seconds in which a finished build puts its folder in the place of the last one.
_SWAP_S = 0.5
#: Where the book's page for missing ones says that the site begins.
_TOP = re.compile(rb'data-content_root="(/[^"]*)"')
_HIDDEN = re.compile(r"(^|/)\.(?!$)")


class Site(StaticFiles):
    """Answers for one folder; the one built last is read at every request."""

    def __init__(self, folder: Path, board: Board) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self.config_checked = True  # the folder comes with the first build
        self._folder = folder
        self._board = board

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file, with a page's `index.html`, or with our 404."""
        # Read first: a page newer than its version is loaded once more, never stale.
        version = self._board.state.version
        if version and not self._folder.is_dir():
            await asyncio.sleep(_SWAP_S)
        try:
            if _HIDDEN.search(path) or scope["path"].endswith(".html/"):
                raise HTTPException(404)
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404:
                raise
            return await asyncio.to_thread(self._missing, version)
        if response.status_code == 404:
            return await asyncio.to_thread(self._missing, version)
        if not isinstance(response, FileResponse):
            return response
        file = Path(response.path)
        if file.suffix != ".html":
            return response
        return _page(await asyncio.to_thread(file.read_bytes), version)

    def _missing(self, version: str) -> Response:
        """Answer with the book's own page for it, as if it lay at the top."""
        with contextlib.suppress(OSError):
            page = (self._folder / "404.html").read_bytes()
            top = _TOP.search(page)
            if version and top:
                page = page.replace(b'="' + top[1], b'="/')
                return _page(page, version, 404)
        name, status = ("missing.html", 404) if version else ("waiting.html", 503)
        return _page((_STATIC / name).read_bytes(), version, status)

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

    def __init__(self, app: ASGIApp, served: str) -> None:
        self._app = app
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        origin = headers.get(b"origin", f"http://{host}").partition("://")[2]
        is_socket = scope["type"] == "websocket"
        if not means_us(host, self._served):
            text = f"This server does not answer for `{host}`. Open http://127.0.0.1\n"
        elif is_socket and origin.lower() != host.lower():
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


def make_app(folder: Path, board: Board, host: str) -> ASGIApp:
    """Return the application that serves `folder` on the address `host`."""
    site = Site(folder, board)
    own = [
        Route(f"{OWN}/{name}", functools.partial(_own_file, name))
        for name in ("live.js", "live.css")
    ]
    routes = [*own, WebSocketRoute(f"{OWN}/live", site.live), Mount("/", site)]
    return _Guard(Starlette(routes=routes), host)
