"""Run one notebook in a thread of a worker.

A notebook that is not wanted any more is stopped, with its kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from distributed import Reschedule, WorkerPlugin, get_worker

from bookkit.book.config import Config
from bookkit.kernels import devices, kernelspecs
from bookkit.kernels.start import kernel_variables
from bookkit.run.cluster.announce import environment_here
from bookkit.run.cluster.payload import Payload, place
from bookkit.run.notebook import Loop, Request, run_notebook
from bookkit.run.results import Result, not_started
from bookkit.run.surroundings import place_resources

PLUGIN_NAME = "bookkit"
#: Seconds between two looks at whether the notebook is still wanted.
LOOK_S = 0.1


class Workplace(WorkerPlugin):  # type: ignore[misc]
    """The clone that a worker works in, its own folder there, and its GPUs.

    Dask makes the folder for this worker alone and removes it, if need be when the
    next worker starts. Everything that comes from clients is written there.
    """

    name = PLUGIN_NAME

    def __init__(self, config: Config) -> None:
        self.config = config
        self.folder = Path()
        self._busy: set[int] = set()
        self._lock = threading.Lock()

    def setup(self, worker: Any) -> None:
        """Let Jupyter find the kernels of this worker first."""
        self.folder = Path(worker.local_directory)
        paths = [str(self.folder / "jupyter"), os.environ.get("JUPYTER_PATH", "")]
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))

    def clear(self) -> None:
        """Remove what runs have left, with the servers that have imported it."""
        from bookkit.kernels import prefork

        left = [self.folder / "library", self.folder / "jupyter"]
        if any(map(Path.exists, left)):
            prefork.stop_all()
            for folder in left:
                shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def take_gpus(self, names: Sequence[str]) -> Iterator[list[int]]:
        """Hold GPUs of these names; Dask has counted them, so they are free."""
        taken: list[int] = []
        here = list(enumerate(devices.gpu_names()))
        with self._lock:
            for wanted in names:
                free = (i for i, name in here if name == wanted and i not in self._busy)
                taken += [next(free)]
                self._busy |= set(taken)
        try:
            yield taken
        finally:
            with self._lock:
                self._busy -= set(taken)


def run_payload(payload: Payload) -> Result:
    """Run a notebook as a task of Dask, which calls this."""
    worker = get_worker()
    key = worker.get_current_task()
    worker.log_event("bookkit", {"task": key})

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        running = worker.status.name in ("running", "paused", "closing_gracefully")
        return running and task is not None and task.state == "executing"

    with asyncio.Runner(loop_factory=Loop) as runner:
        run = _run(worker.plugins[PLUGIN_NAME], payload)
        result = runner.run(_while_wanted(run, is_wanted))
    if result is None:
        raise Reschedule
    return result


async def _while_wanted(run: Any, is_wanted: Callable[[], bool]) -> Result | None:
    running: asyncio.Future[Result] = asyncio.ensure_future(run)
    while not running.done():
        await asyncio.wait([running], timeout=LOOK_S)
        if not running.done() and not is_wanted():
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await running
            return None
    return running.result()


async def _run(workplace: Workplace, payload: Payload) -> Result:
    section, tab = payload.request.section, payload.request.tab
    found = environment_here(workplace.config.tab(tab))
    if found != payload.environment:
        raise RuntimeError(f"the worker's environment of {tab} is now {found}")
    runs = workplace.folder / "run"
    try:
        runs.mkdir(exist_ok=True)
        with (
            tempfile.TemporaryDirectory(
                prefix=f"{tab}-", dir=runs, ignore_cleanup_errors=True
            ) as folder,
            workplace.take_gpus(payload.gpus) as gpus,
        ):
            place(payload.data, Path(folder) / "data")
            return await run_notebook(_request(workplace, payload, Path(folder), gpus))
    except OSError as error:  # a full disk, a folder that cannot be made
        return not_started(section, tab, error)


def _request(
    workplace: Workplace, payload: Payload, folder: Path, gpus: Sequence[int]
) -> Request:
    """Return the client's request with this worker's kernel, folders and GPUs."""
    return dataclasses.replace(
        payload.request,
        kernel=_kernel(workplace, payload),
        around=dataclasses.replace(
            payload.request.around,
            folder=folder / "work",
            resources=place_resources(workplace.config),
            downloads=workplace.config.downloads,
            root=folder / "data",
        ),
        variables=kernel_variables(payload.prefork, gpus),
        book=workplace.config.root,
    )


def _kernel(workplace: Workplace, payload: Payload) -> str:
    """Write a kernelspec whose imports find the client's library first."""
    library = workplace.folder / "library" / payload.library_name
    place(payload.library, library)
    tab = workplace.config.tab(payload.request.tab)
    spec: dict[str, Any] = kernelspecs.kernelspec(workplace.config, tab)
    own = spec["env"]["PYTHONPATH"]
    spec["env"] = {"PYTHONPATH": f"{library}:{own}", **payload.variables}
    provisioner = spec["metadata"]["kernel_provisioner"]
    provisioner["config"] = {"preload": list(payload.request.preload)}
    name = f"{tab.kernel}-{library.name}".lower()
    kernelspecs.write(workplace.folder / "jupyter" / "kernels", name, spec)
    return name
