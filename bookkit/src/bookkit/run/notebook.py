"""Run one notebook in one kernel, within limits; a failure is a value.

What a reader's kernel would not do is done here without a trace in the
notebook: deprecation warnings raised by its own cells become errors if the book says
so, and the versions of the framework are asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import datetime
import logging
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookkit.run.neutral import Neutral
from bookkit.run.options import Limits
from bookkit.run.outputs import tidy
from bookkit.run.reading import files_read, watch_code
from bookkit.run.results import CellResult, Failure, Result, Status, not_started
from bookkit.run.scratch import scratch_folder
from bookkit.run.surroundings import Surroundings

if TYPE_CHECKING:
    from bookkit.run.client import Client

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_STREAMS_KEPT = 4000
#: Where a kernel tells what it reads, among the temporary files.
READ_NAME = "read"
#: What nbclient would log is told by results.
_SILENT = logging.getLogger("bookkit.nbclient")
_SILENT.propagate = False
_SILENT.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Request:
    """One notebook to run: where, in which kernel, with which environment."""

    section: str
    tab: str
    notebook: Any
    kernel: str
    around: Surroundings
    preload: Sequence[str]
    variables: Mapping[str, str]
    device: str
    limits: Limits
    strict: Sequence[str] = ()  # kinds of warning that fail a cell itself warned of it
    book: Path = Path()  # files below it that are read count, but for those `ignored`
    ignored: Sequence[str] = ()


class Loop(asyncio.SelectorEventLoop):
    """An event loop that leaves Ctrl-C to its runner, which cancels everything.

    Each nbclient would otherwise put its own handler in the place of the last,
    and an interruption would end one notebook instead of the run.
    """

    def add_signal_handler(self, *arguments: object) -> None:
        raise RuntimeError("signals belong to the runner")


async def run_notebook(request: Request) -> Result:
    """Run a notebook from its first cell; never raises for what a cell does."""
    with contextlib.ExitStack() as opened:
        try:
            request.around.lay_out()
            scratch = opened.enter_context(scratch_folder())
        except OSError as error:  # a full disk, a folder that cannot be made
            return not_started(request.section, request.tab, error)
        return await _run(request, scratch)


async def _run(request: Request, scratch: Path) -> Result:
    # A build in which nothing runs does without Jupyter's client.
    from bookkit.run.client import Client

    notebook = copy.deepcopy(request.notebook)
    client = Client(
        notebook,
        kernel_name=request.kernel,
        resources={"metadata": {"path": str(request.around.working)}},
        timeout=int(max(1, request.limits.cell_s)),
        startup_timeout=120,
        coalesce_streams=True,
        record_timing=False,
        allow_errors=False,
        shutdown_kernel="immediate",
        log=_SILENT,
    )
    client.text_bytes = request.limits.output_kb * 1000
    client.picture_bytes = request.limits.picture_kb * 1000
    client.preload, client.strict = request.preload, request.strict
    began_ns, told = time.time_ns(), scratch / READ_NAME
    client.setup = watch_code(request.book, told)
    environment = {**os.environ, **request.variables, "TMPDIR": str(scratch)}
    scope = asyncio.timeout(request.limits.notebook_s)
    try:
        async with scope:
            await client.async_execute(env=environment)
        status, reason = Status.PASSED, ""
        if client.flooded:  # it was through before it could be stopped
            status, reason = _flooded(client.flooded, request.limits)
    except BaseException as error:
        # nbclient takes any cancellation for a dead kernel.
        cause = TimeoutError() if scope.expired() else error
        if not isinstance(cause, Exception) or _is_cancelled():
            raise asyncio.CancelledError from error
        status, reason = _judge(cause, client, request.limits)
    finally:
        client.forget()
    around = request.around
    read = files_read(request.book, told, around.resources, request.ignored, began_ns)
    neutral = Neutral(client.about, (*around.folders, request.book), scratch)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            tidied = filter(None, map(tidy, cell.outputs))
            cell.outputs = [*map(neutral.output, tidied)]
    result = _result(request, client, notebook, status, neutral.text(reason))
    return replace(result, read=read)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _flooded(what: str, limits: Limits) -> tuple[Status, str]:
    found = f"printed more than {limits.output_kb} kB"
    if what == "pictures":
        found = f"drew more than {limits.picture_kb} kB of pictures"
    key = "cell_output_limit_kb" if what == "text" else "cell_picture_limit_kb"
    return Status.FLOODED, (
        f"a cell {found}; it was stopped (`{key}` in [bookkit] of config.ini)"
    )


def _judge(error: BaseException, client: Client, limits: Limits) -> tuple[Status, str]:
    from nbclient.exceptions import (
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    )

    if client.flooded:
        return _flooded(client.flooded, limits)
    if isinstance(error, CellExecutionError):
        name = f"{error.ename}: {error.evalue}".strip().split("\n")[0]
        return Status.RAISED, _ANSI.sub("", name)
    if isinstance(error, CellTimeoutError):
        return Status.TIMED_OUT, f"a cell ran longer than {limits.cell_s:g} s"
    if isinstance(error, TimeoutError):
        return Status.TIMED_OUT, f"the notebook ran longer than {limits.notebook_s:g} s"
    if isinstance(error, DeadKernelError):
        from bookkit.kernels.prefork import describe_exit

        return Status.DIED, f"the kernel died: {describe_exit(client.exit_code)}"
    return Status.NOT_STARTED, f"{type(error).__name__}: {error}"


def _result(
    request: Request,
    client: Client,
    notebook: Any,
    status: Status,
    reason: str,
) -> Result:
    ended = time.monotonic()
    cells = [
        CellResult(
            cell.execution_count,
            cell.outputs,
            round(client.seconds.get(index, 0.0), 4),
        )
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
    ]
    failure = None
    if status is not Status.PASSED:
        failure = _failure(notebook, client.current, reason, client.outside)
    return Result(
        section=request.section,
        tab=request.tab,
        status=status,
        cells=cells,
        seconds=round(ended - (client.began or ended), 3),
        versions=client.versions,
        device=request.device,
        failure=failure,
        peak_mb=client.peak_mb,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )


def _failure(notebook: Any, index: int | None, reason: str, outside: bool) -> Failure:
    if index is None:
        return Failure(reason)
    cell = notebook.cells[index]
    outputs = cell.get("outputs", [])
    traceback = "\n".join(
        _ANSI.sub("", line)
        for output in outputs
        if output["output_type"] == "error"
        for line in output["traceback"]
    )
    streams = "".join(
        output["text"] for output in outputs if output["output_type"] == "stream"
    )
    position, kept = cell.metadata["origin_pos"], streams[-_STREAMS_KEPT:]
    return Failure(reason, position, traceback, kept, outside)
