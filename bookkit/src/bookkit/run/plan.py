"""Which notebooks the book has, and what the result of each depends on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bookkit.book import d2lbook
from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import data_files
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import Section, runs_code
from bookkit.kernels import devices, packages
from bookkit.kernels.environments import environment_of, require
from bookkit.library.reach import reachable_saved
from bookkit.library.saved import extract
from bookkit.run import cache
from bookkit.run.results import Result, lay_over


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
    """
    jobs = []
    gpus = devices.gpu_names() if gpus is None else gpus
    for tab in config.tabs:
        environment = environment_of(tab)
        unavailable = environment.unavailable()
        if installed and not unavailable:
            require(tab)
        extracted = extract(config, list(sections), tab)
        record = environment.record() or {}
        present = packages.installed(environment.path)
        for section in sections:
            notebook = run_notebook_of(section, tab.name, config)
            if notebook is None or not runs_code(notebook):
                continue
            wanted = d2lbook.gpus_wanted(notebook, min(2, len(gpus)))
            sources = [c.source for c in notebook.cells if c.cell_type == "code"]
            saved = reachable_saved(extracted, sources)
            parts = cache.Parts(
                tab=tab.name,
                cells=tuple(map(cache.hash_text, sources)),
                saved={name: cache.hash_text(text) for name, text in saved.items()},
                packages=present,
                python=str(record.get("python", "not installed")),
                device=", ".join(gpus[:wanted]) or "cpu",
                data=cache.hash_files(config.root, data_files(section, tab.name)),
                variables=dict(tab.variables),
            )
            jobs.append(Job(section, tab, notebook, parts, wanted, unavailable))
    return jobs


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
                notebook = lay_over(result, notebook)
            notebooks[tab.name][str(section.path)] = notebook
    return notebooks
