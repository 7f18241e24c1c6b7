"""`bookkit worker`: offer this machine's environments to a scheduler.

One process with the notebooks in threads; kernels and the servers they are
forked from are its children, and end when it ends, however that comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
import uuid
from collections.abc import Callable
from typing import Any

from bookkit.book.config import Config
from bookkit.errors import BookkitError, EnvironmentFailure, explain
from bookkit.kernels import kernelspecs
from bookkit.run.cluster import quiet, task
from bookkit.run.cluster.announce import announced

#: A worker may be started before its scheduler, by this many seconds.
PATIENCE_S = 30
#: What runs have left is removed once nobody has had a notebook here for so long.
FORGET_AFTER_S = 5.0
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
        raise EnvironmentFailure(
            explain("worker", "no tab has a fresh environment", "", "make environments")
        )
    quiet.silence(verbose)
    task.here = task.Place(config)
    kernelspecs.find_in(config)
    jupyter = str(task.here.folder.absolute() / "jupyter")
    paths = [jupyter, os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    try:
        asyncio.run(_serve(address, slots, have, say))
    finally:
        from bookkit.kernels import prefork

        prefork.stop_all()
        task.here.close()


async def _serve(
    address: str, slots: int, have: dict[str, float], say: Callable[[str], None]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.ensure_future(_start(address, slots, have))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        starting.cancel()
        say("worker ended")
        return
    worker = starting.result()
    names = ", ".join(f"{name} x {number:g}" for name, number in have.items())
    say(f"worker {worker.name} of {address} has {names}")
    gone = asyncio.ensure_future(worker.finished())
    forgetting = asyncio.ensure_future(_forget_runs(worker, task.here))
    await asyncio.wait([gone, stopping], return_when=asyncio.FIRST_COMPLETED)
    forgetting.cancel()
    with contextlib.suppress(Exception):
        await asyncio.wait_for(worker.close(timeout=1, executor_wait=False), 3)
    await asyncio.sleep(3 * task._LOOK_S)  # notebooks see it, and end their kernels
    if not stop.is_set():
        found = "the scheduler has gone, or closed this worker"
        raise BookkitError(explain(address, found, "", "start both again"))
    say("worker ended")


async def _forget_runs(worker: Any, place: task.Place | None) -> None:
    """Clear up when nobody waits for a notebook of this worker any more."""
    assert place is not None
    wanted = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_S)
        if worker.state.tasks:
            wanted = time.monotonic()
        elif time.monotonic() - wanted >= FORGET_AFTER_S:
            await asyncio.to_thread(place.forget)


async def _start(address: str, slots: int, have: dict[str, float]) -> Any:
    from distributed import Worker

    assert task.here is not None
    folder = task.here.folder / "dask"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        quiet.check_certificates(address, "worker")
        return await Worker(
            address,
            nthreads=slots,
            resources=have,
            name=f"{os.uname().nodename}-{os.getpid()}-{uuid.uuid4().hex[:4]}",
            local_directory=str(folder),
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
