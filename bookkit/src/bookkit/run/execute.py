"""Run many notebooks: which of them, in what order, how many at a time.

Longest first once durations are known; results that are kept are not run.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import bookkit
from bookkit.book.config import Config
from bookkit.book.files_read import FilesRead
from bookkit.book.findings import ERROR, Finding
from bookkit.book.source import Section
from bookkit.kernels import devices, kernelspecs
from bookkit.kernels.start import kernel_variables, start_server
from bookkit.run import cache, committed, declared, schedule
from bookkit.run.history import History
from bookkit.run.notebook import Loop, Request, run_notebook
from bookkit.run.options import Limits, Options
from bookkit.run.plan import Job, parts_of_run
from bookkit.run.results import Failure, Result, Status
from bookkit.run.surroundings import place_resources, surroundings_of

#: What runs took, in the book's output folder.
HISTORY_NAME = "history.json"
#: Is called for each notebook that starts, without a result, and for each that ends.
Listener = Callable[[Job, Result | None], None]
#: Takes each result as soon as it is there.
Finished = Callable[[Job, Result], None]
#: Runs jobs, the first ones first, in the place of this machine's cores.
RunJobs = Callable[[Config, Sequence[Job], Options, Listener, Finished], None]


class Run:
    """A run of some notebooks, whose frameworks are imported from its beginning on.

    What is kept is looked up at once; `finish` runs the rest.
    """

    def __init__(
        self,
        config: Config,
        jobs: Sequence[Job],
        options: Options,
        run_elsewhere: RunJobs | None = None,
    ) -> None:
        kernelspecs.find_in(config)
        self._config, self.jobs, self.options = config, jobs, options
        self._run_elsewhere = run_elsewhere
        self.history = History(config.output / HISTORY_NAME)
        self._stores = cache.open_stores(config)
        self._read = FilesRead(config)
        self._found = _not_run(jobs) | _committed(config, jobs)
        if not options.again:
            ours = [job for job in jobs if job.name not in self._found]
            self._found |= _kept(self._stores, ours)
        self._todo = [job for job in jobs if job.name not in self._found]
        if self._todo and not run_elsewhere:
            kernelspecs.write_all(config)  # a book that was moved has old ones
            place_resources(config)
        if options.prefork and not run_elsewhere:
            tabs = schedule.tabs_by_work(self._todo, self.history)
            for tab in tabs[: os.cpu_count() or 1]:
                with contextlib.suppress(Exception):  # `finish` says what is wrong
                    start_server(config.tab(tab).kernel, options.prefork)

    def finish(self, listen: Listener = lambda job, result: None) -> list[Result]:
        """Run what is not kept; results come in the order of the jobs."""
        results = dict(self._found)
        for job in self.jobs:
            if job.name in results:
                listen(job, results[job.name])

        def finished(job: Job, result: Result) -> None:
            # What is not of the book (a signal, a network) is not part of the key.
            if result.lasting:
                imports_seen = bool(job.parts.saved)
                job.parts = parts_of_run(self._config, job, result.read)
                self._stores.keep(job.parts, result)
                names = job.parts.files if imports_seen else result.read
                self._read.note(*job.name, names)
            name = schedule.history_name(job)
            self.history.note(name, result.seconds, result.peak_mb)
            results[job.name] = result
            listen(job, result)

        ordered = schedule.longest_first(self._todo, self.history)
        given = self._config, ordered, self.options, listen, finished
        complete = False
        try:
            if ordered and self._run_elsewhere:
                self._run_elsewhere(*given)
            elif ordered:
                with asyncio.Runner(loop_factory=Loop) as loop:
                    loop.run(_run_all(*given, self.history))
            complete = True
        finally:
            if ordered:
                self._read.save()
                self.history.save()
            self._stores.close(wait=complete)
            if ordered and not self.options.keep_servers:
                from bookkit.kernels import prefork

                prefork.stop_all()
        return [results[job.name] for job in self.jobs]


def forget_runs(config: Config, sections: Iterable[Section]) -> None:
    """Delete the working folders of notebooks that the book no longer has."""
    kept = {section.path for section in sections}
    for tab in config.tabs:
        folder = config.output / "run" / tab.name
        kept_folders = {folder / path for path in kept}
        parents = {one for path in kept_folders for one in path.parents}
        todo = [folder]
        while todo:
            for path in todo.pop().glob("*/"):
                if path in parents and path not in kept_folders:
                    todo.append(path)
                elif path not in kept_folders:
                    shutil.rmtree(path, ignore_errors=True)


def _not_run(jobs: Sequence[Job]) -> dict[tuple[str, str], Result]:
    return {job.name: declared.not_run(*job.name) for job in jobs if job.not_run}


def _committed(config: Config, jobs: Sequence[Job]) -> dict[tuple[str, str], Result]:
    """Take what this machine cannot run from the book; a lack of it is a failure."""
    results = {}
    for job in jobs:
        if job.unavailable:
            found = committed.take(config, job)
            if isinstance(found, Finding):
                status, why = Status.NOT_COMMITTED, Failure(str(found))
                found = Result(*job.name, status, [], failure=why, cached=True)
            results[job.name] = found
    return results


def _kept(stores: cache.Stores, jobs: Sequence[Job]) -> dict[tuple[str, str], Result]:
    """Take what the stores have."""
    found = stores.fetch(job.key for job in jobs)
    results = {}
    for job in jobs:
        if job.key in found:
            # Two sections may hold the same code: the entry names the first.
            section, tab = job.name
            result = found[job.key].result
            results[job.name] = replace(result, section=section, tab=tab)
            stores.ledger.note(*job.name, job.parts)
    return results


async def _run_all(
    config: Config,
    jobs: Sequence[Job],
    options: Options,
    listen: Listener,
    finished: Finished,
    history: History,
) -> None:
    async def run(job: Job, gpus: list[int]) -> None:
        listen(job, None)
        finished(job, await run_notebook(request_of(config, job, options, gpus)))

    kernels = {job.tab.name: job.tab.kernel for job in jobs}

    async def warm(tab: str) -> None:
        with contextlib.suppress(Exception):  # then kernels are spawned, and say why
            await asyncio.wrap_future(start_server(kernels[tab], options.prefork))

    have = schedule.resources(options.slots, len(devices.gpu_names()))
    warmer = warm if options.prefork else None
    await schedule.run_all(jobs, have, history, warmer, run)


def request_of(
    config: Config, job: Job, options: Options, gpus: Sequence[int] = ()
) -> Request:
    """Return what it takes to run a notebook here, on some of the GPUs."""
    section, tab = job.name
    return Request(
        section=section,
        tab=tab,
        notebook=job.notebook,
        kernel=job.tab.kernel,
        around=surroundings_of(
            config,
            job.section.path,
            config.output / "run" / tab / job.section.path,
            job.parts.data,
        ),
        preload=job.tab.preload,
        variables=kernel_variables(options.prefork, gpus),
        device=job.parts.device,
        limits=Limits.of(config),
        strict=config.runs.kinds(ERROR),
        book=config.root,
        ignored=_not_of_the_text(config),
    )


def _not_of_the_text(config: Config) -> list[str]:
    """Name what a cell may open that does not count: made, or in the key already."""
    # In the book that this tool grew with, kernels open what they are made of.
    found = [config.output, config.downloads, config.environments]
    found += [Path(bookkit.__file__).parent]
    for tab in config.all_tabs:
        if tab.library:
            found += tab.library.parent.glob("__init__.py*")
    return [os.path.relpath(path, config.root) for path in found]
