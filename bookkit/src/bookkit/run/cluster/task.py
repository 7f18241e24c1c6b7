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
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bookkit.book.config import Config
from bookkit.kernels import devices, kernelspecs
from bookkit.kernels.start import kernel_variables
from bookkit.run.cluster import folders, payload
from bookkit.run.cluster.announce import environment_here
from bookkit.run.notebook import Loop, Request, run_notebook
from bookkit.run.options import Limits
from bookkit.run.results import Result, not_started

#: Seconds between two looks at whether the notebook is still wanted.
_LOOK_S = 0.1


class Place:
    """The book's clone that this process works in, and a folder of its own there.

    Everything that comes from clients is written into the folder.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self._own = folders.OwnFolder(config.output.absolute() / "cluster")
        self.folder = self._own.path
        self._busy: set[int] = set()
        self._libraries: Counter[Path] = Counter()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Remove the folder."""
        self._own.remove()

    @contextlib.contextmanager
    def hold_library(self, content: Mapping[str, Any]) -> Iterator[Path]:
        """Lend the folder of a task's library; it is there until the last one ends."""
        root = payload.library_folder(content, self.folder / "library")
        with self._lock:
            self._libraries[root] += 1
        try:
            payload.place_library(content, root)
            yield root
        finally:
            with self._lock:
                self._libraries[root] -= 1

    def forget(self) -> None:
        """Remove what runs have left, with the servers that have imported it."""
        from bookkit.kernels import prefork

        with self._lock:
            left = [self.folder / "library", self.folder / "jupyter"]
            if any(self._libraries.values()) or not any(map(Path.exists, left)):
                return
            self._libraries.clear()
            prefork.stop_all()
            for folder in left:
                shutil.rmtree(folder, ignore_errors=True)

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
    try:
        with (
            here.hold_library(content) as root,
            _folder(here.folder / "run", f"{tab}-") as folder,
            here.take_gpus(content["gpus"]) as gpus,
        ):
            payload.place_data(content, folder / "data")
            return await run_notebook(_request(content, root, folder, gpus))
    except OSError as error:  # a full disk, a folder that cannot be made
        return not_started(section, tab, error)


@contextlib.contextmanager
def _folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Make a folder for one run, and remove it after."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
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
        folder=folder / "work" / Path(content["section"]).with_suffix("").name,
        preload=content["preload"],
        variables=kernel_variables(content["prefork"], gpus),
        device=content["device"],
        limits=Limits(*content["limits"]),
        data=list(content["data"]),
        root=folder / "data",
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
