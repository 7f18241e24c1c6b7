"""The site over HTTP: files of one folder, pages with the script that renews them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
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
from bookkit.site.policy import POLICY

_STATIC = Path(__file__).parent / "static"
#: Our own files and the web socket are below this address, which no page has.
OWN = "/_bookkit"
RUN = f"{OWN}/run"
_HEADERS = [
    (b"cache-control", b"no-store"),
    # What the published pages may do, and follow this server.
    (b"content-security-policy", f"{POLICY}; connect-src 'self'".encode()),
]
#: Seconds in which a finished build puts its folder in the place of the last one.
_SWAP_S = 0.5
#: Where the book's page for missing ones says that the site begins.
_TOP = re.compile(rb'data-content_root="(/[^"]*)"')
_VERSION = "{version}"
_HIDDEN = re.compile(r"(^|/)\.(?!$)")


class Site(StaticFiles):
    """Answers for one folder; the one built last is read at every request."""

    def __init__(self, folder: Path, board: Board, scripts: Sequence[str]) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self.config_checked = True  # the folder comes with the first build
        self._folder = folder
        self._board = board
        self._ours = "".join(map(_tags, scripts))

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
        return self._page(await asyncio.to_thread(file.read_bytes), version)

    def _page(self, html: bytes, version: str, status: int = 200) -> Response:
        head, end, rest = html.partition(b"</head>")
        if not end:
            head, rest = b"", html
        ours = self._ours.replace(_VERSION, version).encode()
        content = b"".join([head, ours, end, rest])
        return Response(content, status, media_type="text/html")

    def _missing(self, version: str) -> Response:
        """Answer with the book's own page for it, as if it lay at the top."""
        with contextlib.suppress(OSError):
            page = (self._folder / "404.html").read_bytes()
            top = _TOP.search(page)
            if version and top:
                page = page.replace(b'="' + top[1], b'="/')
                return self._page(page, version, 404)
        name, status = ("missing.html", 404) if version else ("waiting.html", 503)
        return self._page((_STATIC / name).read_bytes(), version, status)

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


def _tags(name: str) -> str:
    return (
        f'<link rel="stylesheet" href="{OWN}/{name}.css">'
        f'<script defer src="{OWN}/{name}.js" data-version="{_VERSION}"></script>'
    )


def _own_names() -> Iterator[str]:
    for file in _STATIC.rglob("*.*"):
        if file.suffix != ".html":
            yield file.relative_to(_STATIC).as_posix()


async def _own_file(name: str, request: Request) -> Response:
    return FileResponse(_STATIC / name)


class _Guard:
    """Refuses who does not ask for us by name, and lets no answer be kept."""

    def __init__(self, app: ASGIApp, served: str) -> None:
        self._app = app
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _header(scope, b"host")
        origin = _header(scope, b"origin") or f"http://{host}"
        if scope["type"] == "websocket" and scope["path"] == RUN:
            # A program has no reason to name none, and a browser always names one.
            origin = _header(scope, b"origin")
        is_socket = scope["type"] == "websocket"
        if not means_us(host, self._served):
            text = f"This server does not answer for `{host}`. Open http://127.0.0.1\n"
        elif is_socket and origin.lower() != f"http://{host}".lower():
            text = "Only pages of this server may follow it.\n"
        else:
            await self._app(scope, receive, functools.partial(_as_told, send))
            return
        if is_socket:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse(text, 403)(scope, receive, send)


def _header(scope: Scope, wanted: bytes) -> str:
    """Return a header; "" where it is missing, or there is more than one."""
    found = [value for name, value in scope["headers"] if name == wanted]
    return str(found[0].decode("latin-1")) if len(found) == 1 else ""


async def _as_told(send: Send, message: Message) -> None:
    """Let nothing be kept, and pages do only what ours do."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], *_HEADERS]
    await send(message)


def make_app(
    folder: Path,
    board: Board,
    host: str,
    scripts: Sequence[str],
    run: Callable[[WebSocket], Awaitable[None]],
) -> ASGIApp:
    """Return the application that serves `folder` on the address `host`.

    Its pages load `scripts` of ours; `run` is the end point that runs cells.
    """
    known = [name for name in scripts if (_STATIC / f"{name}.js").is_file()]
    site = Site(folder, board, known)
    own = [
        Route(f"{OWN}/{name}", functools.partial(_own_file, name))
        for name in _own_names()
    ]
    sockets = [WebSocketRoute(f"{OWN}/live", site.live), WebSocketRoute(RUN, run)]
    return _Guard(Starlette(routes=[*own, *sockets, Mount("/", site)]), host)
