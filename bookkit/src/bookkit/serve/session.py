"""One `bookkit serve`: the server, the watch and the builds, and their common end.

`bookkit read` is the server alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Mapping

import uvicorn

from bookkit import ends
from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.errors import BookkitError, UsageError, explain
from bookkit.kernels.environments import environment_of
from bookkit.serve.addresses import addresses_of, listen
from bookkit.serve.app import make_app
from bookkit.serve.builds import Builds, Outcome
from bookkit.serve.cells.service import Cells
from bookkit.serve.cells.socket import LONGEST_MESSAGE
from bookkit.serve.live import Board, Digests, State, read_site, version_of
from bookkit.serve.notes import Told
from bookkit.serve.sources import Sources, watch

#: The version of a site that nobody builds.
_AS_IT_IS = "built"
#: While an environment is missing, it is looked for this often.
_ENVIRONMENT_S = 1.0

Say = Callable[[str], None]


def serve(
    config: Config, tabs: list[str], host: str, port: int, verbose: bool, say: Say
) -> None:
    """Serve the book until Ctrl-C or SIGTERM, rebuilding it on save.

    Raises:
        UsageError: host or port cannot be used.
    """
    with listen(host, port, config.output) as opened:
        session = Session(config, Builds(config, tabs, verbose), say)
        asyncio.run(session.run(opened, host))


def read(config: Config, host: str, port: int, say: Say) -> None:
    """Serve the site as it is until Ctrl-C or SIGTERM.

    Raises:
        UsageError: there is no site, or host or port cannot be used.
    """
    index = config.output / "html" / "index.html"
    if not index.is_file():
        found, remedy = "the site is not built", to_run(index, "build")
        raise UsageError(explain(str(index.parent), found, "", remedy))
    with listen(host, port, config.output) as opened:
        asyncio.run(Session(config, None, say).run(opened, host))


class _Server(uvicorn.Server):
    """uvicorn, but the signals are the session's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Session:
    """What happens beside each other while a book is served."""

    def __init__(self, config: Config, builds: Builds | None, say: Say) -> None:
        self._config = config
        self._builds = builds
        self._say = say
        self._html = config.output / "html"
        self._sources = Sources(config)
        self._site: Digests = {}
        self._changed: set[str] = set()
        self._board = Board(State(_AS_IT_IS))
        self._wake = asyncio.Event()

    async def run(self, opened: socket.socket, host: str) -> None:
        """Serve, watch and build until a signal comes."""
        ended = asyncio.Event()
        for number in ends.signals():
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        cells = self._cells = Cells(self._config, self._html)
        work = [ended.wait(), cells.keep(ahead=not self._builds)]
        if self._builds:
            self._site = await asyncio.to_thread(read_site, self._html)
            version, language = version_of(self._site), self._config.language
            self._board = Board(State(version, language=language))
            work += [self._watch(), self._keep_built(self._builds)]
        server = self._server(host, cells)
        # The token is nowhere else: browsers keep what is behind `#` to themselves.
        here, *elsewhere = [
            f"{address}#run={cells.token}" for address in addresses_of(host, opened)
        ]
        self._say(f"Open {here} (Ctrl-C ends it)")
        for address in elsewhere:
            self._say(f"From other machines: {address}")
        jobs = [asyncio.create_task(one) for one in (server.serve([opened]), *work)]
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in done:
                job.result()  # a fault of ours is told, not waited for
        finally:
            server.should_exit = server.force_exit = True
            for job in jobs[1:]:
                job.cancel()
            closing = [cells.close(), *([self._builds.stop()] if self._builds else [])]
            await asyncio.gather(*closing, *jobs[1:], return_exceptions=True)
            await asyncio.wait(jobs[:1], timeout=0.2)

    def _server(self, host: str, cells: Cells) -> _Server:
        scripts = ("live", "run") if self._builds else ("run",)
        app = make_app(self._html, self._board, host, scripts, cells.serve)
        return _Server(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="error",
                access_log=False,
                lifespan="off",
                ws="websockets-sansio",
                ws_max_size=LONGEST_MESSAGE,
                ws_per_message_deflate=False,
                server_header=False,
                proxy_headers=False,
            )
        )

    async def _watch(self) -> None:
        async for _ in watch(self._sources):
            self._wake.set()

    async def _keep_built(self, builds: Builds) -> None:
        """Build, and again when the book differs from what the last build saw."""
        aloud = True
        while True:
            seen = await asyncio.to_thread(self._sources.snapshot)
            self._board.begin()
            outcome = await builds.build(aloud, self._hear)
            await self._tell(outcome)
            aloud = False
            waits = outcome.lacks_environment and not self._environments_are_fresh()
            while await asyncio.to_thread(self._sources.snapshot) == seen:
                if waits and self._environments_are_fresh():
                    break
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_ENVIRONMENT_S if waits else None):
                        await self._wake.wait()
                self._wake.clear()

    async def _hear(self, doing: Mapping[str, object], told: Told | None) -> None:
        if told is None:
            self._board.go_on(doing)
        else:
            await self._read_site()
            self._board.show(version_of(self._site), told)

    async def _read_site(self) -> None:
        before = self._site
        self._site = await asyncio.to_thread(read_site, self._html)
        self._changed |= {
            name
            for name, digest in self._site.items()
            if name.endswith(".html") and before.get(name) != digest
        }

    async def _tell(self, outcome: Outcome) -> None:
        await self._read_site()
        changed, self._changed = self._changed, set()
        told = outcome.told
        counts = {"notebook": outcome.notebooks, "page": len(changed)}
        rebuilt = ", ".join(_count(*one) for one in counts.items() if one[1])
        what = f"rebuilt {rebuilt} in" if rebuilt else "nothing to rebuild,"
        failed = bool(told.error or told.notes)
        if failed and changed:
            what = f"the build failed; {what}"
        elif failed:
            what = "the build failed; pages stay as they were,"
        what = f"{time.strftime('%H:%M:%S')} {what} {outcome.seconds:.1f} s"
        if told.warnings:
            lacks = _count("warning", len(told.warnings))
            remedy = to_run(self._html, "check")
            what += f"; {lacks} of what the draft lacks (next: {remedy})"
        self._say(what)
        self._board.end(version_of(self._site), told)
        self._cells.book_changed()

    def _environments_are_fresh(self) -> bool:
        try:
            states = [environment_of(tab).state() for tab in self._config.tabs]
        except BookkitError:
            return False
        return all(state == "fresh" for state in states)


def _count(noun: str, number: int) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
