"""Which notebooks the book has, and what the result of each depends on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bookkit.book import d2lbook
from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import data_files
from bookkit.book.files_read import FilesRead
from bookkit.book.inputs import dependency_files
from bookkit.book.named_files import named_files
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import Section, runs_code
from bookkit.kernels import devices, packages
from bookkit.kernels.environments import environment_of, require
from bookkit.library.reach import reachable_saved
from bookkit.library.records import Library
from bookkit.library.saved import extract
from bookkit.run import cache, declared
from bookkit.run.expected import notes_of
from bookkit.run.notes import annotate
from bookkit.run.results import Result, lay_over


@dataclass
class Job:
    """One notebook of the book that has code to run.

    `named` are files of the book that its code names. `unavailable` says why this
    machine cannot run it; empty where it can. `not_run` says by what it is declared not
    to be run; empty where it is to be.
    """

    section: Section
    tab: Tab
    notebook: Any
    parts: cache.Parts
    gpus: int
    library: Library
    named: Sequence[str] = ()
    unavailable: str = ""
    not_run: str = ""

    @property
    def key(self) -> str:
        """Return the key of its result."""
        return self.parts.key

    @property
    def gpu_names(self) -> tuple[str, ...]:
        """Return the names of the GPUs that it takes."""
        return tuple(self.parts.device.split(", ")) if self.gpus else ()

    @property
    def name(self) -> tuple[str, str]:
        """Return the section's path and the tab's name."""
        return (str(self.section.path), self.tab.name)


def plan(
    config: Config,
    sections: Sequence[Section],
    installed: bool = True,
    gpus: Sequence[str] | None = None,
) -> list[Job]:
    """List the notebooks of the selected tabs.

    They are planned with the names of `gpus`; None: with those of this machine.

    Raises:
        EnvironmentFailure: a tab's environment is missing or stale, though this
            machine can have it; not `installed`, jobs are only looked at, and it
            may be.
        ConfigError: `config.ini` declares something of a section that is none.
    """
    for selection in (config.runs.no_run, config.runs.allow_errors):
        selection.require(section.path for section in sections)
    jobs = []
    gpus = devices.gpu_names() if gpus is None else gpus
    read, dependencies = FilesRead(config), dependency_files(config)
    for tab in config.tabs:
        environment = environment_of(tab)
        unavailable = environment.unavailable()
        if installed and not unavailable and config.runs_in(tab):
            require(tab)
        extracted = extract(config, list(sections), tab)
        record = environment.record() or {}
        present = packages.installed(environment.path)
        for section in sections:
            notebook = run_notebook_of(section, tab.name, config)
            if notebook is None or not runs_code(notebook):
                continue
            wanted = d2lbook.gpus_wanted(notebook, min(2, len(gpus)))
            code = [cell for cell in notebook.cells if cell.cell_type == "code"]
            data = data_files(section, tab.name)
            named = named_files(config, section, [cell.source for cell in code])
            named = [one for one in {*named, *dependencies} if one not in data]
            files = {*read.of(str(section.path), tab.name), *named}
            parts = cache.Parts(
                tab=tab.name,
                cells=tuple(map(declared.hash_cell, code)),
                saved=_saved(config, extracted, notebook, files),
                packages=present,
                python=str(record.get("python", "not installed")),
                device=", ".join(gpus[:wanted]) or "cpu",
                data=cache.hash_files(config.root, data),
                variables=dict(tab.variables),
                settings=declared.settings_of(config, section, tab),
                files=cache.hash_files(config.root, _counted(config, extracted, files)),
            )
            job = Job(section, tab, notebook, parts, wanted, extracted, named)
            job.not_run = declared.why_not(config, section, tab, notebook)
            job.unavailable = "" if job.not_run else unavailable
            if config.runs.allow_errors.has(section.path, tab.name):
                job.notebook = declared.let_fail(notebook)
            jobs.append(job)
    return jobs


def parts_of_run(config: Config, job: Job, read: Mapping[str, str]) -> cache.Parts:
    """Return what a result depends on, now that it is known which files were read."""
    files = {**cache.hash_files(config.root, job.named), **read}
    saved = _saved(config, job.library, job.notebook, files)
    files = {name: files[name] for name in _counted(config, job.library, files)}
    return replace(job.parts, saved=saved, files=files)


def _saved(
    config: Config, library: Library, notebook: Any, files: Collection[str]
) -> dict[str, str]:
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    cells += _modules(config.root, _counted(config, library, files))
    saved = reachable_saved(library, cells)
    if not saved and _library_file(config, library) in files:  # by a way not seen
        saved = reachable_saved(library, [f"from {library.module} import *"])
    return {name: cache.hash_text(text) for name, text in saved.items()}


def _counted(config: Config, library: Library, files: Iterable[str]) -> list[str]:
    """Return files without the module of saved code, which is in the key by names."""
    own = _library_file(config, library)
    return [name for name in files if name != own]


def _library_file(config: Config, library: Library) -> str:
    path = library.tab.library
    return os.path.relpath(path, config.root) if path else ""


def _modules(root: Path, files: Iterable[str]) -> Iterator[str]:
    """Yield the modules that a notebook reads: they may use saved code."""
    for name in files:
        if name.endswith(".py"):
            with contextlib.suppress(OSError, ValueError):
                yield (root / name).read_text(encoding="utf-8")


def executed_notebooks(
    config: Config, sections: Sequence[Section], results: Iterable[Result]
) -> dict[str, dict[str, Any | None]]:
    """Lay results over today's sources: tab -> section -> notebook or None.

    Solutions come last in each, as they ran.
    """
    by_name = {(result.section, result.tab): result for result in results}
    notebooks: dict[str, dict[str, Any | None]] = {}
    for tab in config.tabs:
        notebooks[tab.name] = {}
        for section in sections:
            notebook = run_notebook_of(section, tab.name, config)
            result = by_name.get((str(section.path), tab.name))
            if notebook is not None and result is not None:
                laid, own = lay_over(result, notebook), by_name.values()
                notes = notes_of(config, section, own, tab.name)
                notebook = annotate(laid, result, config.language, notes)
            notebooks[tab.name][str(section.path)] = notebook
    return notebooks
