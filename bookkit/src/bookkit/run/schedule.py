"""Which notebook runs when: cores, GPUs and memory as resources, longest first.

A framework's import takes a core like a notebook does, and goes first: nothing
of its tab can start before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from bookkit.run.history import History
from bookkit.run.memory import memory_mb

#: Of the memory that is free when a run begins, this share may be used.
MEMORY_SHARE = 0.8


class Task(Protocol):
    """A notebook as far as its order is concerned."""

    @property
    def gpus(self) -> int: ...
    @property
    def name(self) -> tuple[str, str]: ...


T = TypeVar("T", bound=Task)


def history_name(task: Task) -> str:
    """Return the name under which a notebook's times are kept."""
    section, tab = task.name
    return f"{tab}:{section}"


def import_name(tab: str) -> str:
    """Return the name under which the time of a tab's import is kept."""
    return f"import:{tab}"


@dataclass
class Resources:
    """The resources of this machine; the first task that fits takes its share."""

    cores: int
    gpus: list[int]
    memory_mb: float
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _most_mb: float = 0.0

    def __post_init__(self) -> None:
        self._most_mb = self.memory_mb

    @contextlib.asynccontextmanager
    async def take(
        self, gpus: int = 0, memory_mb: float = 0
    ) -> AsyncIterator[list[int]]:
        """Hold a core, some GPUs (yielded: their indices) and memory.

        A request for more memory than the machine has waits for all of it.
        """
        memory_mb = min(memory_mb, self._most_mb)

        def fits() -> bool:
            enough = self.memory_mb >= memory_mb and len(self.gpus) >= gpus
            return self.cores > 0 and enough

        async with self._changed:
            await self._changed.wait_for(fits)
            self.cores -= 1
            self.memory_mb -= memory_mb
            taken, self.gpus = self.gpus[:gpus], self.gpus[gpus:]
        try:
            yield taken
        finally:
            async with self._changed:
                self.cores += 1
                self.memory_mb += memory_mb
                self.gpus += taken
                self._changed.notify_all()


def usual_slots() -> int:
    """Return how many notebooks run at a time: one a core, and one that waits.

    A notebook waits for its kernel's start, for messages and for the disk.
    """
    return (os.cpu_count() or 1) + 1


def resources(slots: int, gpu_count: int) -> Resources:
    """Return this machine's; `slots` 0 means as many as `usual_slots`."""
    cores = slots or usual_slots()
    free = memory_mb("/proc/meminfo", "MemAvailable")
    memory = float("inf") if free is None else free * MEMORY_SHARE
    return Resources(cores, list(range(gpu_count)), memory)


async def run_all(
    tasks: Sequence[T],
    have: Resources,
    history: History,
    warm: Callable[[str], Awaitable[None]] | None,
    run: Callable[[T, list[int]], Awaitable[None]],
) -> None:
    """Run every task once its tab is warm and its resources are free.

    `warm(tab)` imports a tab's framework; None: every kernel does so itself.
    """
    ready = {tab: asyncio.Event() for tab in tabs_by_work(tasks, history)}

    async def warm_up(tab: str) -> None:
        if warm is not None:
            async with have.take():
                began = time.monotonic()
                await warm(tab)
                history.note(import_name(tab), time.monotonic() - began)
        ready[tab].set()

    async def one(task: T) -> None:
        await ready[task.name[1]].wait()
        memory = history.peak_mb(history_name(task))
        async with have.take(task.gpus, memory) as gpus:
            await run(task, gpus)

    try:
        async with asyncio.TaskGroup() as group:
            # In the order of their creation they wait for resources.
            for tab in ready:
                group.create_task(warm_up(tab))
            for task in longest_first(tasks, history):
                group.create_task(one(task))
    except ExceptionGroup as failed:
        # The first has ended the others: it is what a caller can explain.
        raise failed.exceptions[0] from None


def longest_first(tasks: Iterable[T], history: History) -> list[T]:
    """Order tasks by what they took last time; one that never ran counts as longest."""

    def seconds(task: T) -> float:
        return history.seconds(history_name(task)) or float("inf")

    return sorted(tasks, key=seconds, reverse=True)


def tabs_by_work(tasks: Iterable[Task], history: History) -> list[str]:
    """List the tabs of tasks, the one with most work first."""
    work: dict[str, float] = {}
    for task in tasks:
        seconds = history.seconds(history_name(task)) or 1.0
        work[task.name[1]] = work.get(task.name[1], 0.0) + seconds
    return sorted(work, key=lambda tab: -work[tab])


def expected_s(tasks: Sequence[Task], history: History, slots: int) -> float | None:
    """Estimate the seconds of a run; None where too little is known.

    What never ran counts as the median of what did, as long as most are known.
    """
    found = [history.seconds(history_name(task)) for task in tasks]
    known = [seconds for seconds in found if seconds is not None]
    if len(known) * 2 < len(found) or not known:
        return None
    total = sum(known) + (len(found) - len(known)) * statistics.median(known)
    tabs = {task.name[1] for task in tasks}
    total += sum(history.seconds(import_name(tab)) or 0.0 for tab in tabs)
    return max(total / max(1, slots), *known)
