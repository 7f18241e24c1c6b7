"""`bookkit run --cluster`: notebooks as tasks, results as if they had run here."""

from __future__ import annotations

import contextlib
import json
import platform
import queue
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import distributed
from distributed import Client, KilledWorker

from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.errors import BookkitError, UsageError, explain
from bookkit.run.cluster import payload, quiet, task
from bookkit.run.cluster.announce import (
    Resources,
    compared,
    environment_asked,
    gpu_words,
    gpus_of,
    satisfies,
    tool_name,
    wanted,
)
from bookkit.run.execute import Finished, Listener
from bookkit.run.options import Options
from bookkit.run.plan import Job
from bookkit.run.results import Failure, Result, Status, not_started

_POLL_S = 0.05
_LOOK_S = 0.5
#: A scheduler that does not answer a question for so long is lost.
_ANSWER_S = 15
#: One that is there, on a busy machine, too, takes a connection sooner.
_CONNECT_S = 5


class ClusterError(BookkitError):
    """The cluster cannot do what was asked, or is gone."""


class Cluster:
    """A connection to a scheduler."""

    def __init__(self, address: str, wait_s: float, verbose: bool = False) -> None:
        self.address, self.wait_s, self.verbose = address, wait_s, verbose
        self._client: Any = None

    def __enter__(self) -> Cluster:
        quiet.silence(self.verbose)
        try:
            quiet.check_certificates(self.address, "client")
            timeout = max(self.wait_s, _CONNECT_S)
            self._client = Client(self.address, timeout=timeout, set_as_default=False)
            found = self._client.sync(
                self._client.scheduler.versions, callback_timeout=_ANSWER_S
            )
        except Exception as error:
            self.__exit__()
            raise ClusterError(
                explain(
                    self.address,
                    f"no scheduler answers: {str(error) or type(error).__name__}",
                    quiet.expected_address(self.address),
                    "dask scheduler; or the same command without --cluster",
                )
            ) from None
        self._check_versions(found)
        return self

    def __exit__(self, *details: object) -> None:
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.close(timeout=1)

    def _check_versions(self, found: Mapping[str, Any]) -> None:
        theirs = found.get("packages", {})
        python = str(theirs.get("python") or "?").split(".")[:2]
        ours = platform.python_version().split(".")[:2]
        if (theirs.get("distributed"), python) == (distributed.__version__, ours):
            return
        self.__exit__()
        raise ClusterError(
            explain(
                self.address,
                f"the scheduler has distributed {theirs.get('distributed')} and "
                f"Python {'.'.join(python)}",
                f"distributed {distributed.__version__} and Python {'.'.join(ours)}",
                "start it from this book's build environment, same commit",
            )
        )

    def workers(self) -> dict[str, Resources]:
        """Return what each worker announces.

        Raises:
            OSError, TimeoutError: the scheduler does not answer.
        """
        client = self._client
        found = client.sync(
            client.scheduler.identity, n_workers=-1, callback_timeout=_ANSWER_S
        )
        return {
            str(one.get("name", address)): dict(one.get("resources") or {})
            for address, one in found["workers"].items()
        }

    def gpu_names(self) -> tuple[str, ...]:
        """Return the GPUs of the worker that has most; notebooks are planned so."""
        try:
            workers = self.workers().values()
        except Exception as error:
            raise self.lost(0, 0, str(error) or type(error).__name__) from None
        most: tuple[str, ...] = ()
        for have in workers:
            kinds = sorted(gpus_of(have).items())
            names = tuple(name for name, n in kinds for _ in range(n))
            most = max(most, names, key=len)
        return most

    def lost(self, done: int, total: int, reason: str) -> ClusterError:
        """Word the loss of the scheduler."""
        kept = f"; {done} of {total} results have come and are kept" if total else ""
        return ClusterError(
            explain(
                self.address,
                f"the scheduler is lost ({reason}){kept}",
                "a scheduler that runs until the end",
                "the same command again, or without --cluster: it goes on from the "
                "kept results",
            )
        )

    def run(
        self,
        config: Config,
        jobs: Sequence[Job],
        options: Options,
        listen: Listener,
        finished: Finished,
    ) -> None:
        """Run notebooks there, in this order as far as there is a choice.

        Raises:
            ClusterError: the scheduler is lost, or no worker has what a notebook
                asks for. What could be run has been, and is kept.
        """
        if options.slots:
            raise UsageError(
                explain(
                    f"-j {options.slots}",
                    "how many notebooks run at a time is each worker's own choice",
                    "the same command without -j",
                    f"bookkit worker {self.address} -j {options.slots}",
                )
            )
        run = _Run(self, self._client, listen, finished)
        run.submit(config, jobs, options)
        run.follow()


@dataclass
class _Notebook:
    """A notebook on its way: what is sent, and what has been seen of it since."""

    job: Job
    asked: Resources
    payload: payload.Payload
    priority: int
    future: Any = None
    alone: bool = False
    #: The time since which no worker can run it.
    lacking_since: float | None = None

    def died(self, reason: str) -> Result:
        """Return the result of a notebook that gave none."""
        return Result(*self.job.name, Status.DIED, [], failure=Failure(reason))


class _Run:
    """The notebooks of one run: those that are awaited, and those no worker can run.

    When a worker dies again and again, Dask accuses every notebook that it had to
    run, those in its queue included. These are sent again one by one when all else
    is done: who is accused then has no other to blame.
    """

    def __init__(
        self,
        cluster: Cluster,
        client: Any,
        listen: Listener,
        finished: Finished,
    ) -> None:
        self._cluster, self._client = cluster, client
        self._listen, self._finished = listen, finished
        self._waiting: dict[str, _Notebook] = {}
        self._suspects: list[_Notebook] = []
        self._refused: list[_Notebook] = []
        self._workers: set[str] = set()  # all that there were
        self._started: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._total = 0

    def submit(self, config: Config, jobs: Sequence[Job], options: Options) -> None:
        """Send the notebooks; one whose files are not there has failed already."""
        library = payload.library_sources(config)
        self._total = len(jobs)
        with self._guarded():
            self._client.subscribe_topic("bookkit", self._note_start)
        for number, job in enumerate(jobs):
            tab, parts = job.tab.name, job.parts
            asked = wanted(tab, parts.packages, parts.python, job.gpu_names)
            environment = next(iter(asked))
            try:
                packed = payload.pack(config, job, options, environment, library)
            except OSError as error:
                self._finished(job, not_started(*job.name, error))
                continue
            self._send(_Notebook(job, asked, packed, len(jobs) - number))

    def _send(self, notebook: _Notebook) -> None:
        key = f"notebook-{notebook.job.tab.name}-{uuid.uuid4().hex}"
        with self._guarded():
            notebook.future = self._client.submit(
                task.run_payload,
                notebook.payload,
                key=key,
                resources=notebook.asked,
                priority=notebook.priority,
                pure=False,
            )
        self._waiting[key] = notebook

    def _note_start(self, event: Any) -> None:
        self._started.put(event[1].get("task", ""))

    def follow(self) -> None:
        """Wait for all of them, and tell of each."""
        looked = 0.0
        while self._waiting or self._suspects:
            if not self._waiting:
                suspect = self._suspects.pop(0)
                suspect.alone = True
                self._send(suspect)
            with self._guarded():
                self._report_starts()
                self._take_results()
                if time.monotonic() - looked > _LOOK_S:
                    self._look_for_workers()
                    looked = time.monotonic()
            time.sleep(_POLL_S)
        if self._refused:
            raise ClusterError(self._what_is_lacking())

    @contextlib.contextmanager
    def _guarded(self) -> Any:
        """Take whatever goes wrong in talking to the scheduler for its loss."""
        try:
            if self._client.status != "running":
                raise OSError("the connection is closed")
            yield
        except (OSError, TimeoutError) as error:
            left = len(self._waiting) + len(self._suspects) + len(self._refused)
            done = self._total - left
            reason = str(error).split("\n")[0] or type(error).__name__
            raise self._cluster.lost(done, self._total, reason) from None

    def _report_starts(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                notebook = self._waiting.get(self._started.get_nowait())
                if notebook is not None:
                    self._listen(notebook.job, None)

    def _take_results(self) -> None:
        for key, notebook in list(self._waiting.items()):
            _check_known(notebook.future)
            if notebook.future.status in ("finished", "error"):
                self._take_result(key, notebook)

    def _take_result(self, key: str, notebook: _Notebook) -> None:
        future = notebook.future
        try:
            result: Result = future.result(timeout=5)
        except (OSError, TimeoutError):
            if future.status not in ("finished", "pending"):
                raise
            return  # its worker died before it could hand the result over
        except KilledWorker as error:
            if not notebook.alone:
                del self._waiting[key]
                self._suspects.append(notebook)
                return
            result = notebook.died(
                f"every worker that ran it died ({error.allowed_failures + 1} of them, "
                "and nothing else ran); run it without --cluster to see why"
            )
        except Exception as error:
            _check_known(future)
            found = f"{type(error).__name__}: {error}"
            result = notebook.died(f"the worker returned no result: {found}")
        del self._waiting[key]
        self._finished(notebook.job, result)

    def _look_for_workers(self) -> None:
        workers = self._cluster.workers()
        self._workers |= set(workers)
        now = time.monotonic()
        for key, notebook in list(self._waiting.items()):
            capable = [w for w in workers.values() if satisfies(w, notebook.asked)]
            if notebook.future.status != "pending" or capable:
                notebook.lacking_since = None
                continue
            notebook.lacking_since = notebook.lacking_since or now
            if now - notebook.lacking_since >= self._cluster.wait_s:
                del self._waiting[key]
                self._refused.append(notebook)
                notebook.future.release()

    def _what_is_lacking(self) -> str:
        with self._guarded():
            workers = self._cluster.workers()
        gone = [f"{name} has gone" for name in sorted(self._workers - set(workers))]
        messages = []
        kinds = {json.dumps(one.asked): one for one in self._refused}
        for one in kinds.values():
            asked, lock = one.asked, one.job.tab.lock
            tab, packages, python = environment_asked(asked)
            found = [f"{name} {compared(w, asked)}" for name, w in workers.items()]
            expected = [f"packages {packages}", f"Python {python}", *gpu_words(asked)]
            messages.append(
                explain(
                    f"{self._cluster.address} [{tab}]",
                    "no worker can run this tab: "
                    + "; ".join([*(found or ["there is no worker"]), *gone]),
                    ", ".join([*expected, tool_name()]),
                    f"{to_run(lock, 'environments', tab)} in a clone of the same "
                    "commit, and there: "
                    f"bookkit worker {self._cluster.address}; or the same "
                    "command without --cluster: it goes on from the kept results",
                )
            )
        left = len(self._refused)
        kept = f"{left} of {self._total} notebooks were not run; the others are kept"
        return "\n".join([kept, *messages])


def _check_known(future: Any) -> None:
    """Raise OSError when the scheduler does not know a notebook any more."""
    if future.status in ("cancelled", "lost"):
        raise OSError("it has forgotten the notebooks")
