"""The end point that runs cells; Jupyter's client is imported behind it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bookkit.book.config import Config
from bookkit.serve.cells.gate import Gate
from bookkit.serve.cells.socket import RunSocket

if TYPE_CHECKING:
    from bookkit.serve.cells.visits import Visits


class Cells:
    """All that runs cells in one server; made where an event loop runs."""

    def __init__(self, config: Config, site: Path) -> None:
        self._config = config
        self._gate = Gate()
        self._visits: asyncio.Future[Visits] = asyncio.Future()
        self._socket = RunSocket(site, self._visits, self._gate)
        self.serve = self._socket.serve

    @property
    def token(self) -> str:
        """Return what a page must show."""
        return self._gate.token

    async def keep(self, ahead: bool) -> None:
        """Get ready, `ahead` of the first page or with it; then look after kernels."""
        if not ahead:
            await self._socket.wanted.wait()
        visits = await asyncio.to_thread(_visits, self._config)
        self._visits.set_result(visits)
        await visits.warm()
        await visits.keep()

    async def close(self) -> None:
        """End all kernels, with the servers that they were forked from."""
        if self._visits.done():
            await self._visits.result().close()

    def book_changed(self) -> None:
        """Tell readers whose kernels have an older `d2l` than the book."""
        if self._visits.done():
            self._visits.result().book_changed()


def _visits(config: Config) -> Visits:
    from bookkit.serve.cells.visits import Visits

    return Visits(config)
