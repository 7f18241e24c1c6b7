"""Run one notebook in a thread of a worker; what it returns is JSON.

A notebook that nobody waits for any more is stopped, with its kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bookkit import devices, kernelspecs
from bookkit.cluster import payload
from bookkit.cluster.announce import environment_here
from bookkit.config import Config
from bookkit.execute import Loop, kernel_variables
from bookkit.notebook_run import Limits, Request, run_notebook
from bookkit.results import Failure, Result, Status

#: Seconds between two looks at whether the notebook is still wanted.
_LOOK_S = 0.1


@dataclass
class Place:
    """The book's clone that this process works in."""

    config: Config
    prefork: bool = True
    _busy: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def folder(self) -> Path:
        """Return where everything that comes from clients is written."""
        return self.config.output / "cluster"

    @contextlib.contextmanager
    def take_gpus(self, names: Sequence[str]) -> Iterator[list[int]]:
        """Hold GPUs of these names; Dask has counted them, so they are free."""
        taken: list[int] = []
        with self._lock:
            for name in names:
                for index, here in enumerate(devices.gpu_names()):
                    if here == name and index not in self._busy:
                        self._busy.add(index)
                        taken.append(index)
                        break
        try:
            yield taken
        finally:
            with self._lock:
                self._busy -= set(taken)


#: Set once by `bookkit worker`, before the first task can come.
here: Place | None = None


def run_payload(text: str) -> str:
    """Run what `payload.pack` wrote; return a result, as JSON."""
    from distributed import Reschedule, get_worker
    from distributed.worker import thread_state

    if here is None:
        raise RuntimeError("this is no bookkit worker; start one: bookkit worker")
    worker, key = get_worker(), thread_state.key
    content = payload.unpack(text)
    worker.log_event("bookkit", {"task": key})

    def is_wanted() -> bool:
        task = worker.state.tasks.get(key)
        running = worker.status.name in ("running", "paused", "closing_gracefully")
        return running and task is not None and task.state == "executing"

    with asyncio.Runner(loop_factory=Loop) as runner:
        result = runner.run(_while_wanted(content, is_wanted))
    if result is None:
        raise Reschedule
    return json.dumps(result.to_json(), ensure_ascii=False)


async def _while_wanted(content: Mapping[str, Any], is_wanted: Any) -> Result | None:
    running = asyncio.ensure_future(_run(content))
    while not running.done():
        await asyncio.wait([running], timeout=_LOOK_S)
        if not running.done() and not is_wanted():
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await running
            return None
    return running.result()


async def _run(content: Mapping[str, Any]) -> Result:
    assert here is not None
    section, tab = content["section"], content["tab"]
    found = environment_here(here.config.tab(tab))
    if found != content["environment"]:
        raise RuntimeError(f"the worker's environment of {tab} is now {found}")
    runs = here.folder / "run"
    runs.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{tab}-", dir=runs))
    try:
        root = payload.place(content, here.folder)
        with here.take_gpus(content["gpus"]) as gpus:
            return await run_notebook(_request(content, root, folder, gpus))
    except OSError as error:  # a full disk, a folder that cannot be made
        failure = Failure(f"{type(error).__name__}: {error}")
        return Result(section, tab, Status.NOT_STARTED, [], failure=failure)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _request(
    content: Mapping[str, Any], root: Path, folder: Path, gpus: Sequence[int]
) -> Request:
    import nbformat

    assert here is not None
    return Request(
        section=content["section"],
        tab=content["tab"],
        notebook=nbformat.from_dict(content["notebook"]),  # type: ignore[no-untyped-call]
        kernel=_kernel(content, root),
        folder=folder / Path(content["section"]).with_suffix("").name,
        preload=content["preload"],
        variables=kernel_variables(here.prefork, gpus),
        device=content["device"],
        limits=Limits(*content["limits"]),
        data=list(content["data"]),
        root=root,
    )


def _kernel(content: Mapping[str, Any], root: Path) -> str:
    """Write a kernelspec whose imports find the client's library first."""
    assert here is not None
    tab = here.config.tab(content["tab"])
    spec: dict[str, Any] = kernelspecs.kernelspec(here.config, tab)
    own = spec["env"]["PYTHONPATH"]
    spec["env"] = {"PYTHONPATH": f"{root.absolute()}:{own}", **content["variables"]}
    provisioner = spec["metadata"]["kernel_provisioner"]
    provisioner["config"] = {"preload": content["preload"]}
    name = f"{tab.kernel}-{root.name}".lower()
    kernelspecs.write(here.folder / "jupyter" / "kernels", name, spec)
    return name
