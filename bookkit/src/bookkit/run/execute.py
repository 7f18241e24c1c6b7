"""Run many notebooks: which of them, in what order, how many at a time.

Longest first once durations are known; results that are cached are not run.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bookkit.book import d2lbook
from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import data_files
from bookkit.book.findings import Finding
from bookkit.book.source import Section, notebook_of, runs_code
from bookkit.kernels import devices, kernelspecs, packages
from bookkit.kernels.environments import environment_of, require
from bookkit.kernels.start import kernel_variables, start_server
from bookkit.library import saved
from bookkit.library import write as library
from bookkit.run import cache, committed, foresight, schedule
from bookkit.run.history import History
from bookkit.run.notebook import Limits, Request, run_notebook
from bookkit.run.results import Failure, Result, Status, lay_over, not_started

#: What runs took, in the book's output folder.
HISTORY_NAME = "history.json"
#: Told of each notebook that starts ("run") or ends ("done").
Listener = Callable[[str, "Job", Result | None], None]


class Loop(asyncio.SelectorEventLoop):
    """An event loop that leaves Ctrl-C to its runner, which cancels everything.

    Each nbclient would otherwise put its own handler in the place of the last,
    and an interruption would end one notebook instead of the run.
    """

    def add_signal_handler(self, *arguments: object) -> None:
        raise RuntimeError("signals belong to the runner")


@dataclass
class Job:
    """One notebook of the book that has code to run.

    `unavailable` says why this machine cannot run it; empty where it can.
    """

    section: Section
    tab: Tab
    notebook: Any
    parts: cache.Parts
    gpus: int
    unavailable: str = ""

    @property
    def key(self) -> str:
        """Return the key of its result."""
        return self.parts.key

    @property
    def name(self) -> tuple[str, str]:
        """Return the section's path and the tab's name."""
        return (str(self.section.path), self.tab.name)


@dataclass(frozen=True)
class Options:
    """How to run; `slots` 0 means one a core and one more.

    `store` is a folder of the book's output.
    `keep_servers` leaves imported frameworks for the next run of this process.
    """

    slots: int = 0
    again: bool = False
    prefork: bool = True
    use_cache: bool = True
    store: str = "cache"
    keep_servers: bool = False


class Runner(Protocol):
    """Who runs notebooks in the place of this machine's cores."""

    def gpu_names(self) -> tuple[str, ...]:
        """Return the GPUs that notebooks can be planned with."""

    def __call__(
        self,
        config: Config,
        jobs: Sequence[Job],
        options: Options,
        listen: Listener,
        finished: Callable[[Job, Result], None],
    ) -> None:
        """Run the jobs, longest first, and hand each result to `finished`."""


def plan(
    config: Config,
    sections: Sequence[Section],
    installed: bool = True,
    runner: Runner | None = None,
) -> list[Job]:
    """List the notebooks of the selected tabs.

    Raises:
        EnvironmentFailure: a tab's environment is missing or stale, though this
            machine can have it; not `installed`, jobs are only looked at, and it
            may be.
    """
    jobs = []
    gpus = runner.gpu_names() if runner else devices.gpu_names()
    for tab in config.tabs:
        environment = environment_of(tab)
        unavailable = environment.unavailable()
        if installed and not unavailable:
            require(tab)
        extracted = saved.extract(config, list(sections), tab)
        record = environment.record() or {}
        present = packages.installed(environment.path)
        for section in sections:
            notebook = notebook_of(section, tab.name, config)
            if notebook is None or not runs_code(notebook):
                continue
            wanted = d2lbook.gpus_wanted(notebook, min(2, len(gpus)))
            sources = [c.source for c in notebook.cells if c.cell_type == "code"]
            parts = cache.Parts(
                tab=tab.name,
                cells=cache.hash_cells(sources),
                saved=cache.hash_texts(library.reachable_saved(extracted, sources)),
                packages=present,
                python=str(record.get("python", "not installed")),
                device=", ".join(gpus[:wanted]) or "cpu",
                data=cache.hash_files(config.root, data_files(section, tab.name)),
                variables=dict(tab.variables),
            )
            jobs.append(Job(section, tab, notebook, parts, wanted, unavailable))
    return jobs


def run(
    config: Config,
    jobs: Sequence[Job],
    options: Options = Options(),
    listen: Listener = lambda event, job, result: None,
    runner: Runner | None = None,
) -> list[Result]:
    """Run the jobs that are not cached; results come in the order of `jobs`.

    What this machine cannot run is taken from the committed results.
    """
    kernelspecs.find_in(config)
    stores = cache.open_stores(config, options.store, options.use_cache)
    results = _committed(config, jobs, listen)
    if not options.again:
        results |= _kept(stores, [j for j in jobs if not j.unavailable], listen)
    todo = [job for job in jobs if job.name not in results]
    if not options.keep_servers:
        foresight.settle(todo)
    complete = False
    history = History(config.output / HISTORY_NAME)

    def finished(job: Job, result: Result) -> None:
        # Who killed a kernel, or what memory it lacked, is no part of its key.
        if result.status is not Status.DIED:
            stores.keep(job.parts, result)
        name = schedule.history_name(job)
        history.note(name, result.seconds, result.peak_mb)
        results[job.name] = result
        listen("done", job, result)

    try:
        if todo and runner:
            ordered = schedule.longest_first(todo, history)
            runner(config, ordered, options, listen, finished)
        elif todo:
            with asyncio.Runner(loop_factory=Loop) as loop:
                loop.run(_run_all(config, todo, options, history, listen, finished))
        complete = True
    finally:
        if todo:
            history.save()
        stores.close(wait=complete)
    return [results[job.name] for job in jobs]


def _committed(
    config: Config, jobs: Sequence[Job], listen: Listener
) -> dict[tuple[str, str], Result]:
    """Take what this machine cannot run from the book; a lack of it is a failure."""
    results = {}
    for job in jobs:
        if job.unavailable:
            found = committed.take(config, job)
            if isinstance(found, Finding):
                status, why = Status.NOT_COMMITTED, Failure(str(found))
                found = Result(*job.name, status, [], failure=why, cached=True)
            results[job.name] = found
            listen("done", job, found)
    return results


def _kept(
    stores: cache.Stores, jobs: Sequence[Job], listen: Listener
) -> dict[tuple[str, str], Result]:
    """Take what the stores have, and tell of it."""
    found = stores.fetch(job.key for job in jobs)
    results = {}
    for job in jobs:
        if job.key in found:
            # Two sections may hold the same code: the entry names the first.
            results[job.name] = _renamed(found[job.key].result, job)
            stores.note(found[job.key], results[job.name])
            listen("done", job, results[job.name])
    return results


def forget_runs(config: Config, sections: Iterable[Section]) -> None:
    """Delete the working folders of notebooks that the book no longer has."""
    kept = {section.path.with_suffix("") for section in sections}
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


def executed_notebooks(
    config: Config, sections: Sequence[Section], results: Iterable[Result]
) -> dict[str, dict[str, Any | None]]:
    """Lay results over today's sources: tab -> section -> notebook or None."""
    by_name = {(result.section, result.tab): result for result in results}
    notebooks: dict[str, dict[str, Any | None]] = {}
    for tab in config.tabs:
        notebooks[tab.name] = {}
        for section in sections:
            notebook = notebook_of(section, tab.name, config)
            result = by_name.get((str(section.path), tab.name))
            if notebook is not None and result is not None:
                notebook = lay_over(result, notebook)
            notebooks[tab.name][str(section.path)] = notebook
    return notebooks


def _renamed(result: Result, job: Job) -> Result:
    section, tab = job.name
    return replace(result, section=section, tab=tab)


async def _run_all(
    config: Config,
    jobs: Sequence[Job],
    options: Options,
    history: History,
    listen: Listener,
    finished: Callable[[Job, Result], None],
) -> None:
    from bookkit.kernels import prefork

    async def run(job: Job, gpus: list[int]) -> None:
        listen("run", job, None)
        finished(job, await _run_one(config, job, options, gpus))

    kernels = {job.tab.name: job.tab.kernel for job in jobs}

    async def warm(tab: str) -> None:
        with contextlib.suppress(Exception):  # then kernels are spawned, and say why
            await asyncio.wrap_future(start_server(kernels[tab], options.prefork))

    have = schedule.resources(options.slots, len(devices.gpu_names()))
    warmer = warm if options.prefork else None
    try:
        await schedule.run_all(jobs, have, history, warmer, run)
    finally:
        if not options.keep_servers:
            prefork.stop_all()


async def _run_one(
    config: Config, job: Job, options: Options, gpus: Sequence[int]
) -> Result:
    section, tab = job.name
    request = Request(
        section=section,
        tab=tab,
        notebook=job.notebook,
        kernel=job.tab.kernel,
        folder=config.output / "run" / tab / job.section.path.with_suffix(""),
        preload=job.tab.preload,
        variables=kernel_variables(options.prefork, gpus),
        device=job.parts.device,
        limits=Limits(
            config.cell_timeout_s,
            config.notebook_timeout_s,
            config.cell_output_limit_kb,
        ),
        data=list(job.parts.data),
        root=config.root,
    )
    try:
        return await run_notebook(request)
    except OSError as error:  # a full disk, a folder that cannot be made
        return not_started(section, tab, error)
