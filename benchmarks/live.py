"""Measure cells run in a page on warm kernels, beside kernels that are spawned.

    python -m benchmarks.live                 after `make`
    python -m benchmarks.live --tabs pytorch --rounds 5

Both sides are `bookkit read` on this book; on one, BOOKKIT_PREFORK=0 has every kernel
started anew, as Jupyter does. They take turns, so that other programs hit both. A
trivial cell is measured from a page's `execute`, when no kernel runs yet, to its
`done`; ten readers do that at once. The last cell of a section is measured from its
`execute` to its `done` when all above it has run, less what it took in the book's run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks import machine
from benchmarks.books import ROOT
from bookkit.book.config import Config, load
from bookkit.book.source import notebook_of, read_book
from bookkit.run.execute import Run
from bookkit.run.options import Options
from bookkit.run.plan import plan

READERS = 10


class _Server:
    """`bookkit read`, and how its pages reach it."""

    def __init__(self, prefork: bool) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bookkit", "read", "--port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "BOOKKIT_PREFORK": "1" if prefork else "0"},
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        ((self._host, self._token),) = re.findall(r"http://(\S+)/#run=(\S+)", line)

    @contextlib.asynccontextmanager
    async def page(self, page: str, reader: str) -> AsyncIterator[ClientConnection]:
        """Open a page."""
        origin: Any = f"http://{self._host}"
        address = f"ws://{self._host}/_bookkit/run"
        async with connect(address, origin=origin, max_size=None) as socket:
            about = {"token": self._token, "page": page, "reader": reader}
            await socket.send(json.dumps({"type": "hello", **about}))
            await socket.recv()
            yield socket

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


async def _run(socket: ClientConnection, tab: str, code: str) -> float:
    """Run a cell; return the seconds until it was done."""
    began = time.perf_counter()
    cell = {"type": "execute", "tab": tab, "id": 1, "cell": "1", "code": code}
    await socket.send(json.dumps(cell))
    while True:
        message = json.loads(await socket.recv())
        if message["type"] == "done" and "again" not in message:
            if message["status"] != "ok":
                raise SystemExit(f"error: a cell failed, nothing was measured: {code}")
            return time.perf_counter() - began
        if message["type"] == "problem":
            raise SystemExit(f"error: {message['text']}")


async def _stop(socket: ClientConnection, tab: str) -> None:
    await socket.send(json.dumps({"type": "stop", "tab": tab}))
    while True:
        message = json.loads(await socket.recv())
        if message["type"] == "kernel" and message["state"] == "dead":
            return


async def _fresh(server: _Server, tab: str, page: str, reader: str) -> float:
    """Return the seconds of a trivial cell in a kernel that does not run yet."""
    async with server.page(page, reader) as socket:
        seconds = await _run(socket, tab, "1 + 1")
        await _stop(socket, tab)
        return seconds


async def _readers(server: _Server, tab: str, page: str) -> float:
    """Return the seconds of the last of some readers who come at once."""
    names = [f"reader-{number}" for number in range(READERS)]
    return max(
        await asyncio.gather(*(_fresh(server, tab, page, name) for name in names))
    )


async def _last(server: _Server, tab: str, page: str, cells: Sequence[str]) -> float:
    """Return the seconds of a section's last cell when all above it has run."""
    async with server.page(page, "learner") as socket:
        seconds = [await _run(socket, tab, code) for code in cells]
        await _stop(socket, tab)
        return seconds[-1]


@dataclass(frozen=True)
class _Section:
    """A section in one tab: its cells, and what the last one took in the book's run."""

    page: str
    cells: list[str]
    own: float


def _sections(book: Config, tab: str) -> list[_Section]:
    some = replace(book, tabs=(book.tab(tab),))
    sections = {str(section.path): section for section in read_book(book)}
    found = []
    for result in Run(some, plan(some, list(sections.values())), Options()).finish():
        notebook = notebook_of(sections[result.section], tab, book)
        cells = notebook.cells if notebook else []
        code = [one.source for one in cells if one.cell_type == "code"]
        seconds = [cell.seconds for cell in result.cells]
        if code and len(seconds) >= len(code):
            page = result.section.removesuffix(".md")
            found.append(_Section(page, code, seconds[len(code) - 1]))
    return found


async def _measure(book: Config, tabs: Sequence[str], rounds: int) -> dict[str, Any]:
    servers = {"prefork": _Server(True), "spawned": _Server(False)}
    figures: dict[str, Any] = {}
    try:
        for tab in tabs:
            sections = _sections(book, tab)
            page = sections[0].page
            own = figures[tab] = {side: Figures() for side in servers}
            for server in servers.values():  # imports, and files read the first time
                await _fresh(server, tab, page, "first")
            for _ in range(rounds):
                for side, server in servers.items():
                    own[side].trivial.append(await _fresh(server, tab, page, "one"))
                    own[side].readers.append(await _readers(server, tab, page))
            for section in sections:
                for side, server in servers.items():
                    last = await _last(server, tab, section.page, section.cells)
                    own[side].over.append(last - section.own)
    finally:
        for server in servers.values():
            server.stop()
    return figures


@dataclass
class Figures:
    """Seconds: of trivial cells, of ten at once, and of last cells over their own."""

    trivial: list[float] = field(default_factory=list)
    readers: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)


def _report(figures: dict[str, Any]) -> Iterator[str]:
    yield "| | trivial cell | ten readers at once | last cell over its own seconds |"
    yield "|---|--:|--:|--:|"
    for tab, sides in figures.items():
        for side, own in sides.items():
            yield (
                f"| {tab}, {side} | {statistics.median(own.trivial):.2f} s "
                f"| {statistics.median(own.readers):.2f} s "
                f"| {max(own.over):+.2f} s at most |"
            )


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, keep it as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.live",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tabs", default="", help="by default all")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(words)
    book = load(ROOT)
    tabs = options.tabs.replace(",", " ").split() or list(book.tab_names)
    figures = asyncio.run(_measure(book, tabs, options.rounds))
    rows = "\n".join(_report(figures))
    print(f"{machine.describe()['cores']} cores, load {os.getloadavg()[0]:.1f}\n{rows}")
    content = {
        tab: {side: asdict(own) for side, own in sides.items()}
        for tab, sides in figures.items()
    }
    text = json.dumps({"machine": machine.describe(), "seconds": content}, indent=1)
    (ROOT / "benchmarks" / "results" / "live.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
