"""A whole build: checked, run, extracted, its pages made as results come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.document import Document
from bookkit.run.options import Options
from bookkit.workflow.checking import check
from bookkit.workflow.common import locked, say
from bookkit.workflow.watcher import Watcher

if TYPE_CHECKING:
    from bookkit.book.source import Section
    from bookkit.run.execute import Listener
    from bookkit.run.plan import Job
    from bookkit.run.results import Result
    from bookkit.site.build import SiteBuild, SiteFinding


def build(
    config: Config,
    options: Options,
    verbose: bool = False,
    watcher: Watcher | None = None,
    document: Document | None = None,
) -> bool:
    """Check, run, extract, publish and build the site; say where to open it.

    A page is begun as soon as all notebooks of its section are there. Returns
    False when there was nothing to do.

    Raises:
        BookFailure: there are findings, and the site stays as it was; or a notebook
            failed, and its page shows how far it came; or a file cannot be read, and
            its page is that of the last build.
    """
    from bookkit import freshness

    with locked(config):
        if not options.again and freshness.is_current(config):
            freshness.note_nothing_ran(config)
            say([freshness.NOTHING_TO_DO])
            if document:
                document.put("notebooks", [])
                document.put("findings", [])
            return False
        inputs = freshness.begin(config)
        summary, has_warnings = _build(config, options, verbose, watcher, document)
        if not has_warnings and not (watcher and watcher.warnings):
            freshness.remember(config, inputs)
    say(summary)
    return True


def _build(
    config: Config,
    options: Options,
    verbose: bool,
    watcher: Watcher | None,
    document: Document | None,
) -> tuple[list[str], bool]:
    """Do the steps of a build; return what to say then, and if pages have faults."""
    from bookkit.book import last_good
    from bookkit.library.write import build_library
    from bookkit.publish.downloads import Downloads, offered
    from bookkit.publish.notebooks import write_notebooks
    from bookkit.run import committed
    from bookkit.run.declared import describe
    from bookkit.run.execute import Run, forget_runs
    from bookkit.run.follow import failure_of, follow
    from bookkit.run.plan import plan
    from bookkit.site import published
    from bookkit.site.build import SiteBuild
    from bookkit.workflow.told import tell_results, tell_run

    names = [tab.name for tab in config.tabs]
    with SiteBuild(config.root, names, verbose, bool(watcher)) as pages:
        # Sphinx gets ready meanwhile; frameworks are imported from `Run` on
        sections = check(config, going_on=True, watcher=watcher, document=document)
        for path in build_library(config, sections=sections):
            say([f"Library: {path} written"])
        begun = Run(config, plan(config, sections), options)
        stream = Stream(config, sections, begun.jobs, pages)
        listeners: list[Listener] = [stream]
        if watcher:
            watcher.jobs = len(begun.jobs)
            listeners.append(watcher.heard)
        if document:
            listeners.append(tell_results(document))
        results = follow(config, sections, begun, listeners)
        if document:
            tell_run(document, config, sections, results)
        then = "; their pages show how far they came"
        failure = failure_of(config, sections, results, then)
        say(committed.renew(config, begun.jobs, results))
        pages.begin_html(offered(config, sections, stream.executed))
        folder = config.output / "notebooks"

        def write_the_rest() -> None:
            taken = Downloads(config, pages.downloads_dir)
            write_notebooks(config, sections, stream.executed, folder, taker=taken)
            forget_runs(config, sections)

        if watcher:
            watcher.making()
            built = pages.finish()
            watcher.shown(failure)
            write_the_rest()
            pages.put_in_place()
        else:  # while Sphinx makes the pages
            write_the_rest()
            built = pages.finish()
    last_good.remember(config, sections)
    ran = sum(not result.cached for result in results)
    words = f"Notebooks run: {ran} of {len(results)}; pages made: {len(built.changed)}"
    if 0 < len(built.changed) <= 3:
        words += f" ({', '.join(built.changed)})"
    site = built.html_dir / "index.html"
    made = [f"{one.removesuffix('.md')}.html" for one in built.changed]
    said = [
        *_told(built.warnings),
        *published.missing(config, made),
        *describe([job.not_run for job in begun.jobs]),
        words,
        f"Notebooks: {folder}",
        f"Site: {site} (open it, or: {to_run(site, 'serve')})",
        *committed.describe(config, results),
    ]
    if failure:
        say(said)
        raise failure
    return said, bool(built.warnings)


def _told(warnings: Sequence[SiteFinding]) -> list[str]:
    """Say what pages have and `warning_is_error` lets pass."""
    if not warnings:
        return []
    count = f"{len(warnings)} warning{'s' if len(warnings) > 1 else ''}"
    end = "no errors here: `warning_is_error` in config.ini"
    return [*map(str, warnings), f"The pages have {count}, {end}"]


class Stream:
    """Hands a section to the site when the last of its tabs has its result."""

    def __init__(
        self,
        config: Config,
        sections: Sequence[Section],
        jobs: Sequence[Job],
        pages: SiteBuild,
    ) -> None:
        self._config, self._pages = config, pages
        self._sections = {str(section.path): section for section in sections}
        self._waiting: dict[str, set[str]] = {}
        self.executed: dict[str, dict[str, Any | None]] = {
            tab.name: {} for tab in config.tabs
        }
        self._results: dict[str, list[Result]] = {}
        for job in jobs:
            section, tab = job.name
            self._waiting.setdefault(section, set()).add(tab)
        for name in self._sections:
            if name not in self._waiting:  # it has no code
                self._hand_over(name)

    def __call__(self, job: Job, result: Result | None) -> None:
        """Hear of a notebook that ended."""
        if result is None:
            return  # it begins
        section, tab = job.name
        self._results.setdefault(section, []).append(result)
        self._waiting[section].discard(tab)
        if not self._waiting[section]:
            self._hand_over(section)

    def _hand_over(self, name: str) -> None:
        from bookkit.run.plan import executed_notebooks

        results = self._results.get(name, [])
        found = executed_notebooks(self._config, [self._sections[name]], results)
        notebooks = {tab: found[tab][name] for tab in found}
        for tab, notebook in notebooks.items():
            self.executed[tab][name] = notebook
        self._pages.add(self._sections[name], notebooks)
