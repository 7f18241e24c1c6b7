"""Hand sections to the site one by one, while other notebooks still run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bookkit.book.config import Config
from bookkit.book.source import Section
from bookkit.run import execute
from bookkit.run.results import Result

if TYPE_CHECKING:
    from bookkit.site.build import SiteBuild


class Stream:
    """Hand a section to the site when the last of its tabs has its result."""

    def __init__(
        self, config: Config, sections: Sequence[Section], pages: SiteBuild
    ) -> None:
        self._config, self._pages = config, pages
        self._sections = {str(section.path): section for section in sections}
        self._waiting: dict[str, set[str]] = {}
        self.executed: dict[str, dict[str, Any | None]] = {
            tab.name: {} for tab in config.tabs
        }
        self._results: dict[str, list[Result]] = {}

    def begin(self, jobs: Sequence[execute.Job]) -> None:
        """Take note of what will run; sections without code are ready now."""
        for job in jobs:
            section, tab = job.name
            self._waiting.setdefault(section, set()).add(tab)
        for name in self._sections:
            if name not in self._waiting:
                self._hand_over(name)

    def __call__(self, event: str, job: execute.Job, result: Result | None) -> None:
        """Hear of a notebook that ended."""
        if event != "done" or result is None or not result.passed:
            return  # nobody waits any more for the page of a failed notebook
        section, tab = job.name
        self._results.setdefault(section, []).append(result)
        self._waiting[section].discard(tab)
        if not self._waiting[section]:
            self._hand_over(section)

    def _hand_over(self, name: str) -> None:
        section = self._sections[name]
        found = execute.executed_notebooks(
            self._config, [section], self._results.get(name, [])
        )
        notebooks = {tab: found[tab][name] for tab in found}
        for tab, notebook in notebooks.items():
            self.executed[tab][name] = notebook
        self._pages.add(name, notebooks)
