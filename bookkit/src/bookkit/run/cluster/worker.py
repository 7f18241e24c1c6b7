"""`bookkit worker`: offer this machine's environments to a scheduler.

One process with the notebooks in threads; kernels and the servers they are
forked from are its children, and end when it ends, however that comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import uuid
from collections.abc import Callable
from typing import Any

from bookkit import ends
from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.errors import BookkitError, EnvironmentFailure, explain
from bookkit.run.cluster import quiet
from bookkit.run.cluster.announce import Resources, announced

#: A worker may be started before its scheduler, by this many seconds.
PATIENCE_S = 30
#: Files of finished runs are removed when no notebook has come for this long.
CLEAR_AFTER_S = 5.0
_LOOK_S = 1.0


def serve(
    config: Config,
    address: str,
    slots: int,
    say: Callable[[str], None],
    verbose: bool = False,
) -> None:
    """Work for the scheduler until a signal comes or the scheduler goes.

    Raises:
        EnvironmentFailure: no environment is fresh, so there is nothing to offer.
        BookkitError: the scheduler cannot be reached, or has gone.
    """
    slots = slots or os.cpu_count() or 1
    have, missing = announced(config, slots)
    for line in missing:
        say(line)
    if not any(name.startswith("env:") for name in have):
        remedy = to_run(config.output, "environments")
        raise EnvironmentFailure(
            explain("worker", "no tab has a fresh environment", "", remedy)
        )
    quiet.silence(verbose)
    try:
        asyncio.run(_serve(config, address, slots, have, say))
    except asyncio.CancelledError:
        say("worker ended")
    finally:
        from bookkit.kernels import prefork

        prefork.stop_all()


async def _serve(
    config: Config,
    address: str,
    slots: int,
    have: Resources,
    say: Callable[[str], None],
) -> None:
    """Work until a signal cancels this task, or the scheduler goes."""
    from bookkit.run.cluster.task import LOOK_S, Workplace

    this = asyncio.current_task()
    assert this is not None
    for number in ends.signals():
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    workplace = Workplace(config)
    worker = await _start(workplace, address, slots, have)
    names = ", ".join(f"{name} x {number:g}" for name, number in have.items())
    say(f"worker {worker.name} of {address} has {names}")
    clearing = asyncio.ensure_future(_clear_when_idle(worker, workplace))
    try:
        await worker.finished()
    finally:
        clearing.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(worker.close(timeout=1, executor_wait=False), 3)
        await asyncio.sleep(3 * LOOK_S)  # notebooks see it, and end their kernels
    found = "the scheduler has gone, or closed this worker"
    raise BookkitError(explain(address, found, "", "start both again"))


async def _clear_when_idle(worker: Any, workplace: Any) -> None:
    """Clear up when this worker has had no task for some seconds.

    No task can begin meanwhile, because this event loop starts them.
    """
    wanted = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_S)
        if worker.state.tasks:
            wanted = time.monotonic()
        elif time.monotonic() - wanted >= CLEAR_AFTER_S:
            workplace.clear()


async def _start(workplace: Any, address: str, slots: int, have: Resources) -> Any:
    from distributed import Worker
    from distributed.comm.addressing import get_local_address_for

    try:
        quiet.check_certificates(address, "worker")
        # Not on all: whoever reaches a worker runs code
        here = get_local_address_for(address).partition("://")[2]
        return await Worker(
            address,
            host=here,
            dashboard_address=f"{here}:0",
            nthreads=slots,
            resources=have,
            name=f"{os.uname().nodename}-{os.getpid()}-{uuid.uuid4().hex[:4]}",
            local_directory=str(workplace.config.output.absolute() / "cluster"),
            plugins=[workplace],
            death_timeout=PATIENCE_S,
            memory_limit=0,  # notebooks are processes of their own
        )
    except Exception as error:
        raise BookkitError(
            explain(
                address,
                f"no scheduler can be reached: {str(error) or type(error).__name__}",
                quiet.expected_address(address),
                "dask scheduler",
            )
        ) from None
