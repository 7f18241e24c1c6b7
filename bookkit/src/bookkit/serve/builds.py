"""The building process from its owner's side: asked, answered, ended, replaced."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.errors import EnvironmentFailure
from bookkit.kernels.programs import Program
from bookkit.serve.notes import Told, read_told
from bookkit.serve.worker import END_S

_LONGEST_ANSWER = 2**26


@dataclass(frozen=True)
class Outcome:
    """How a build ended; the `error` of `told` is empty when it is good."""

    told: Told
    seconds: float
    notebooks: int = 0
    lacks_environment: bool = False


#: Hears how far a build is, and what there is to tell once its pages are there.
Hear = Callable[[Mapping[str, Any], Told | None], Awaitable[None]]


class Builds:
    """Has a book built by one long-lived process, started when it is needed."""

    def __init__(self, config: Config, tabs: list[str], verbose: bool) -> None:
        self._config, self._report = config, config.output / "report.json"
        self._settings = json.dumps(
            {"root": str(config.root), "tabs": tabs, "verbose": verbose}
        )
        self._process: Program | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def build(self, aloud: bool, hear: Hear) -> Outcome:
        """Build once; `aloud` lets it print as it goes."""
        began = time.monotonic()
        shown_s: float | None = None
        with contextlib.suppress(ConnectionError):
            reader, writer = await self._channel()
            writer.write(json.dumps({"aloud": aloud}).encode() + b"\n")
            while line := await reader.readline():
                answer = json.loads(line)
                seconds = time.monotonic() - began
                if "error" in answer:
                    lacks = answer.get("kind") == EnvironmentFailure.__name__
                    ran = _ran(self._report)
                    told = self._read(answer)
                    return Outcome(told, shown_s or seconds, ran, lacks)
                if "shown" in answer:
                    shown_s = seconds
                    await hear({}, self._read(answer["shown"]))
                else:
                    await hear(answer, None)
        return Outcome(Told(await self._died()), time.monotonic() - began)

    def _read(self, answer: Mapping[str, Any]) -> Told:
        return read_told(self._config, answer)

    async def stop(self) -> None:
        """End the process with everything it started, at the latest in a second."""
        if self._process is None:
            return
        if self._writer is not None:
            self._writer.close()
        deadline = time.monotonic() + END_S + 0.1
        while self._process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        self.kill()

    def kill(self) -> None:
        """Leave nothing of it; servers and kernels end with the process."""
        if self._process is not None:
            self._process.stop()
        self._process = self._reader = self._writer = None

    async def _channel(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            ours, theirs = socket.socketpair()
            with theirs:
                # A group of its own: Ctrl-C reaches it by way of us, in order.
                self._process = Program(
                    [sys.executable, "-m", "bookkit.serve.worker"]
                    + [str(theirs.fileno()), self._settings],
                    aloud=True,
                    pass_fds=[theirs.fileno()],
                )
            self._reader, self._writer = await asyncio.open_connection(
                sock=ours, limit=_LONGEST_ANSWER
            )
        return self._reader, self._writer

    async def _died(self) -> str:
        from bookkit.kernels.prefork import describe_exit

        process = self._process
        code = None if process is None else await asyncio.to_thread(process.wait)
        self.kill()
        return (
            f"the building process {describe_exit(code)}\n"
            "  next: save a file to build again; if it happens twice, run "
            f"`{to_run(self._report, 'build')}`"
        )


def _ran(report: Path) -> int:
    """Count the notebooks of the last run that were not kept from an earlier one."""
    try:
        rows = json.loads(report.read_text(encoding="utf-8"))
        return sum(not row["cached"] for row in rows)
    except (OSError, ValueError, TypeError, KeyError):
        return 0
