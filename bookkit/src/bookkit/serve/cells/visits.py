"""All readers: which kernel belongs to whom, and how many there may be.

A kernel belongs to a reader, a page and a tab. All windows that a reader has open on
a page share it, and it stays when they are closed, until it is idle for too long or
another one needs its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from pathlib import Path
from typing import Any, Protocol

import zmq.asyncio

from bookkit.book.config import Config, load
from bookkit.book.config.live import LiveSettings
from bookkit.book.words import read_words
from bookkit.errors import BookkitError
from bookkit.run.scratch import new_scratch
from bookkit.serve.cells import launching
from bookkit.serve.cells.kernel import Kernel
from bookkit.serve.cells.memory import taken_mb
from bookkit.serve.cells.orders import Refused
from bookkit.serve.cells.runner import House, Runner

_LOOK_S = 1.0


class Window(Protocol):
    """An open page."""

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message, now or soon."""


class Visit:
    """A reader on a page: the open windows, and a runner for each tab in use."""

    def __init__(self, reader: str, page: str) -> None:
        self.reader, self.page = reader, page
        self.windows: list[Window] = []
        self.runners: dict[str, Runner] = {}

    def tell(self, message: dict[str, Any]) -> None:
        """Tell all windows."""
        for window in list(self.windows):
            window.tell(message)


class Visits:
    """Everything that is run for readers by one server."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.words = read_words(__package__, config.language)
        self._visits: dict[tuple[str, str], Visit] = {}
        self._alive: dict[Runner, Visit] = {}
        self._warm: set[str] = set()
        self._context = zmq.asyncio.Context()
        launching.prepare(config)

    @property
    def limits(self) -> LiveSettings:
        """Return what readers may use."""
        return self.config.live

    async def keep(self) -> None:
        """Look after the kernels, for ever."""
        while True:
            await asyncio.sleep(_LOOK_S)
            oldest = time.monotonic() - self.limits.idle_s
            for runner in list(self._alive):
                if runner.kernel is None:
                    continue
                taken = taken_mb(runner.kernel.pid or 0)
                if taken > self.limits.memory_mb:
                    limit = f"{self.limits.memory_mb:g}"
                    await runner.stop(self.words["memory"].format(limit=limit))
                elif runner.state == "idle" and runner.last_used < oldest:
                    await runner.stop(self.words["idle"])

    async def close(self) -> None:
        """End all kernels, and the servers that they were forked from."""
        from bookkit.kernels import prefork

        runners = [runner.stop() for runner in list(self._alive)]
        await asyncio.gather(*runners, return_exceptions=True)
        await asyncio.to_thread(prefork.stop_all)
        self._context.destroy(linger=0)

    async def warm(self, name: object = None) -> None:
        """Have a tab's framework imported before a kernel is wanted; by default one."""
        known = {tab.name: tab for tab in self.config.tabs}
        tab = known.get(str(name), self.config.tabs[0])
        is_ready = launching.state_of(self.config, tab)["state"] == "ready"
        if is_ready and tab.name not in self._warm:
            self._warm.add(tab.name)
            with contextlib.suppress(Exception):  # whoever wants a kernel is told
                await asyncio.to_thread(launching.warm, tab)

    def visit(self, reader: str, page: str) -> Visit:
        """Return what a reader has on a page, by now or from now on."""
        key = (reader, page)
        if key not in self._visits:
            for old in [key for key, one in self._visits.items() if _is_over(one)]:
                del self._visits[old]
            self._visits[key] = Visit(*key)
        return self._visits[key]

    def ready(self, visit: Visit) -> dict[str, Any]:
        """Return what a page is told when it comes."""
        tabs = {
            tab.name: launching.state_of(self.config, tab) for tab in self.config.tabs
        }
        kernels = {tab: one.described() for tab, one in visit.runners.items()}
        return {"type": "ready", "tabs": tabs, "kernels": kernels}

    def runner(self, visit: Visit, tab: str) -> Runner:
        """Return the runner of a tab.

        Raises:
            Refused: the tab cannot be run here.
        """
        if tab not in visit.runners:
            chosen = next((one for one in self.config.tabs if one.name == tab), None)
            if chosen is None:
                raise Refused(self.words["tab"].format(tab=tab))
            tell = visit.tell
            visit.runners[tab] = Runner(tab, chosen.title, tell, self._house(visit))
        return visit.runners[tab]

    def book_changed(self) -> None:
        """Read the settings again, and tell whose kernels have an older `d2l`."""
        given = self.config.tabs if self.config.tabs != self.config.all_tabs else ()
        with contextlib.suppress(BookkitError):  # the build tells
            self.config = load(self.config.root, [tab.name for tab in given])
        for runner in self._alive:
            if text := runner.stale():
                runner.tell_state(text=text)

    def _house(self, visit: Visit) -> House:
        async def start(runner: Runner) -> tuple[Kernel, Path]:
            return await self._start(visit, runner)

        def ended(runner: Runner, folder: Path) -> None:
            self._alive.pop(runner, None)
            shutil.rmtree(folder, ignore_errors=True)

        return House(
            start=start,
            ended=ended,
            library=lambda tab: launching.library_of(self.config.tab(tab)),
            words=self.words,
            limit_bytes=self.limits.output_kb * 1000,
        )

    async def _start(self, visit: Visit, runner: Runner) -> tuple[Kernel, Path]:
        tab = self.config.tab(runner.tab)
        state = launching.state_of(self.config, tab)
        if state["state"] != "ready":
            text = self.words[state["state"]].format(title=tab.title)
            raise Refused(text, state.get("next", ""))
        await self._make_room(visit.reader)
        self._alive[runner] = visit
        folder = new_scratch()
        kernel = Kernel(tab.kernel, self._context)
        try:
            around, variables = await asyncio.to_thread(
                launching.lay_out, self.config, visit.page, tab, folder
            )
            self._warm.add(tab.name)
            await kernel.start((*around.folders, self.config.root), variables)
        except BaseException as error:
            self._alive.pop(runner, None)
            await kernel.stop()
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, Exception):
                found = f"{type(error).__name__}: {error}"
                raise Refused(self.words["start"].format(error=found)) from error
            raise
        return kernel, folder

    async def _make_room(self, reader: str) -> None:
        """End idle kernels, the one used longest ago first, until one more may be.

        Raises:
            Refused: those that could make room are all busy.
        """
        while True:
            own = [one for one, visit in self._alive.items() if visit.reader == reader]
            has_enough = len(own) >= self.limits.kernels_per_reader
            if not has_enough and len(self._alive) < self.limits.kernels:
                return
            left = [one for one, visit in self._alive.items() if not visit.windows]
            may_go = [one for one in own if one.state == "idle"]
            if not may_go and not has_enough:
                may_go = [one for one in left if one.state == "idle"]
            if not may_go:
                word = "own_kernels" if has_enough else "all_kernels"
                raise Refused(self.words[word].format(count=len(own)))
            oldest = min(may_go, key=lambda one: one.last_used)
            await oldest.stop(self.words["replaced"])


def _is_over(visit: Visit) -> bool:
    return not visit.windows and all(
        one.state == "dead" for one in visit.runners.values()
    )
