"""Calls that may never return, made side by side and waited for only so long.

The threads are daemons: one that hangs keeps neither a run nor the process.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

#: Calls under way at a time.
WORKERS = 8
#: All calls together may take this many times what one may.
PATIENCE = 6


class Calls:
    """Named calls; each may take `timeout_s`, and all together a few times that."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._todo: queue.SimpleQueue[tuple[str, Callable[[], Any]]]
        self._todo = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._begun: dict[str, float] = {}
        self._threads = 0
        self._left = 0
        self._spent_s = 0.0
        self._stopped = False

    def submit(self, name: str, call: Callable[[], Any]) -> None:
        """Let a call be made as soon as fewer than `WORKERS` are under way."""
        self._left += 1
        self._todo.put((name, call))
        if self._threads < min(WORKERS, self._left):
            self._threads += 1
            threading.Thread(target=self._work, daemon=True).start()

    def outcomes(self) -> Iterator[tuple[str, Any]]:
        """Yield the name of each call with its value, or what it raised.

        Raises:
            TimeoutError: one call, or all together, took too long.
        """
        while self._left:
            began = time.monotonic()
            oldest = min(list(self._begun.values()), default=began)
            patience = PATIENCE * self._timeout_s - self._spent_s
            allowed = min(oldest + self._timeout_s - began, patience)
            try:
                outcome = self._done.get(timeout=max(0.0, allowed))
            except queue.Empty:
                raise TimeoutError(f"no answer in {self._timeout_s:g} s") from None
            finally:
                self._spent_s += time.monotonic() - began
            self._left -= 1
            yield outcome

    def stop(self) -> None:
        """Begin no further call; those under way are left to themselves."""
        self._stopped = True
        for _ in range(self._threads):  # wake those that wait for work
            self._todo.put(("", lambda: None))

    def _work(self) -> None:
        while True:
            name, call = self._todo.get()
            if self._stopped:
                return
            self._begun[name] = time.monotonic()
            try:
                outcome = call()
            except Exception as error:  # whatever a server's client raises
                outcome = error
            self._begun.pop(name, None)
            self._done.put((name, outcome))
