"""The order in which a command does its steps; every step lives elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.errors import BookFailure, UsageError, explain, or_nearest
from bookkit.files import locked as lock_file
from bookkit.files import write_whole
from bookkit.run.options import Options

if TYPE_CHECKING:
    from bookkit.book.findings import Finding
    from bookkit.book.source import Section
    from bookkit.run.cluster.client import Cluster
    from bookkit.run.execute import Listener
    from bookkit.run.explain import Explanation
    from bookkit.run.plan import Job
    from bookkit.run.results import Result
    from bookkit.site.build import SiteBuild


class Watcher:
    """Hears of a build as it goes; its pages are there before the rest is written.

    It is for books that are being written: what a draft lacks are `warnings`. `jobs`
    says how many notebooks there are.
    """

    warnings: Sequence[Finding] = ()
    jobs: int = 0

    def heard(self, job: Job, result: Result | None) -> None:
        """Hear of a notebook that begins, without a result, or has ended."""

    def making(self) -> None:
        """Hear that all notebooks are there, and pages are made."""

    def shown(self, failure: BookFailure | None) -> None:
        """Hear that the pages are there, and what of the notebooks is not."""


def build(
    config: Config,
    options: Options,
    verbose: bool = False,
    watcher: Watcher | None = None,
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
            _say([freshness.NOTHING_TO_DO])
            return False
        inputs = freshness.begin(config)
        summary = _build(config, options, verbose, watcher)
        if not (watcher and watcher.warnings):
            freshness.remember(config, inputs)
    _say(summary)
    return True


def _build(
    config: Config, options: Options, verbose: bool, watcher: Watcher | None
) -> list[str]:
    """Do the steps of a build; return what is to be said at its end."""
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

    names = [tab.name for tab in config.tabs]
    with SiteBuild(config.root, names, verbose, bool(watcher)) as pages:
        # Sphinx gets ready meanwhile; frameworks are imported from `Run` on
        sections = check(config, going_on=True, watcher=watcher)
        for path in build_library(config, sections=sections):
            _say([f"Library: {path} written"])
        begun = Run(config, plan(config, sections), options)
        stream = Stream(config, sections, begun.jobs, pages)
        listeners: list[Listener] = [stream]
        if watcher:
            watcher.jobs = len(begun.jobs)
            listeners.append(watcher.heard)
        results = follow(config, sections, begun, listeners)
        then = "; their pages show how far they came"
        failure = failure_of(config, sections, results, then)
        _say(committed.renew(config, begun.jobs, results))
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
        *published.missing(config, made),
        *describe([job.not_run for job in begun.jobs]),
        words,
        f"Notebooks: {folder}",
        f"Site: {site} (open it, or: {to_run(site, 'serve')})",
        *committed.describe(config, results),
    ]
    if failure:
        _say(said)
        raise failure
    return said


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


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def run(
    config: Config,
    wanted: Sequence[str],
    options: Options,
    quiet: bool = False,
    junit: Path | None = None,
    cluster: Cluster | None = None,
) -> list[Result]:
    """Run some sections, or all. `junit` is written whatever happens.

    Raises:
        RunFailure: a notebook failed, unless `quiet`.
    """
    from bookkit.book.last_good import problems_of, read_all
    from bookkit.run import committed
    from bookkit.run.declared import describe
    from bookkit.run.execute import Run
    from bookkit.run.follow import failure_of, follow
    from bookkit.run.plan import plan

    with locked(config):
        sections = read_all(config)
        chosen = _chosen(sections, wanted, "bookkit run")
        jobs = plan(config, sections, gpus=cluster.gpu_names() if cluster else None)
        jobs = [job for job in jobs if job.section in chosen]
        begun = Run(config, jobs, options, cluster.run if cluster else None)
        results = follow(config, sections, begun, quiet=quiet, junit=junit)
    if not quiet:
        _say(describe([job.not_run for job in jobs]))
        _say(committed.describe(config, results))
        _say(problems_of(chosen).values())
        if failure := failure_of(config, chosen, results):
            raise failure
    return results


def explanations(config: Config, wanted: Sequence[str]) -> list[Explanation]:
    """Tell what a run would do with some sections, or all, and why.

    Raises:
        UsageError: `wanted` names a section the book does not have.
    """
    from bookkit.book.last_good import read_all
    from bookkit.run.explain import explain_notebooks

    sections = read_all(config)
    chosen = _chosen(sections, wanted, "bookkit explain")
    return explain_notebooks(config, sections, chosen)


def _chosen(
    sections: Sequence[Section], wanted: Sequence[str], command: str
) -> list[Section]:
    known = {str(section.path): section for section in sections}
    for name in wanted:
        if name not in known:
            expected = or_nearest(f"one of {', '.join(known)}", name, known)
            raise UsageError(explain(name, "no such section", expected, command))
    return [known[name] for name in wanted] or list(sections)


def check(
    config: Config,
    only_errors: bool = True,
    going_on: bool = False,
    watcher: Watcher | None = None,
) -> list[Section]:
    """Print the findings of the static checks; return what was read for them.

    `only_errors` lists no others, and counts them. A build is `going_on` without
    files that cannot be read; one with a `watcher` also in spite of what a draft lacks.

    Raises:
        BookFailure: there are errors, in other files than these.
    """
    from bookkit.book.findings import COVERAGE
    from bookkit.book.judge import judge
    from bookkit.book.last_good import problems_of
    from bookkit.check import Memory, examine_book

    findings, sections = examine_book(config, Memory(config))
    verdict = judge(config, findings)
    listed = verdict.errors if only_errors else verdict.new
    _say(map(str, (*(() if only_errors else config.notices), *listed)))
    _say(verdict.summary(listed=not only_errors))
    if only_errors and config.notices:
        _say([f"config.ini: {len(config.notices)} notices (bookkit check lists them)"])
    unread = problems_of(sections) if going_on else {}
    errors = verdict.errors
    if watcher:
        watcher.warnings = [one for one in errors if one.code in COVERAGE]
        errors = tuple(one for one in errors if one.code not in COVERAGE)
    if any(one.path not in unread for one in errors):
        noun = "error" if len(errors) == 1 else "errors"
        text = f"{len(errors)} {noun} in the sources; nothing was run"
        raise BookFailure(text, shown=map(str, errors))
    return sections


def accept_findings(config: Config) -> None:
    """Make what is found now the known findings of the book."""
    from bookkit.book import baseline
    from bookkit.book.judge import with_levels
    from bookkit.check import Memory, examine_book

    findings, _ = examine_book(config, Memory(config))
    kept = with_levels(config, findings)
    path = baseline.write(config.root, kept)
    _say([f"Known findings: {len(kept)}, in {path}"])


def coverage(
    config: Config,
    document: Path | None = None,
    sections: Sequence[Section] | None = None,
) -> None:
    """Print how many logical cells sections, by default all, have in each tab.

    Raises:
        UsageError: `document` has no place for the table.
    """
    from bookkit.check import coverage
    from bookkit.run.report import console

    rows = coverage.count(config, sections)
    console().print(coverage.table(config, rows))
    if document is not None:
        text = document.read_text(encoding="utf-8") if document.exists() else ""
        renewed = coverage.renewed(text, config, rows)
        if renewed is None:
            found = "no place for the table" if text else "no such file"
            expected = "a line `{}` and below it a line `{}`".format(*coverage.MARKS)
            raise UsageError(explain(str(document), found, expected))
        if renewed != text:
            write_whole(document, renewed)
            _say([f"Coverage: {document} written"])


def addresses(config: Config, accept: bool = False) -> None:
    """Compare the addresses of the built site with the published ones.

    Raises:
        UsageError: there is no site, or one of fewer tabs.
        SiteError: an address is gone.
    """
    from bookkit.site import published

    index = config.output / "html" / f"{config.index}.html"
    if not index.is_file():
        command = to_run(config.root, "build")
        raise UsageError(explain(str(index), "no such file", "the site", command))
    if accept:
        _say([f"Addresses: {published.accept(config)} written"])
    published.demand(config)
    known = len(published.published(config.root))
    _say([f"Addresses: all {known} that were published lead somewhere"])


def archive(config: Config) -> None:
    """Pack the built site for reading offline, and offer it on its first page.

    Raises:
        UsageError: the site is not as a build leaves it.
    """
    from bookkit.site.archive import write_archive

    with locked(config):
        path = write_archive(config)
    _say([f"Archive: {path}"])


def lib(config: Config, only_check: bool = False) -> None:
    """Extract the library, or tell whether that would change it.

    Raises:
        BookFailure: `only_check`, and a file is not what the text makes.
    """
    from bookkit.library.write import build_library

    changed = build_library(config, check_only=only_check)
    names = ", ".join(map(str, changed))
    if only_check and changed:
        remedy = to_run(config.output, "lib")
        raise BookFailure(
            explain(names, "stale", "what the saved cells make of it", remedy)
        )
    _say([f"Library: {names or 'nothing to do'}"])


def _ran(
    config: Config, some: Config
) -> tuple[list[Section], list[Result], dict[str, dict[str, Any | None]]]:
    """Run the tabs of `some`; return sections, results and each tab's notebooks."""
    from bookkit.book.last_good import problems_of, read_all
    from bookkit.run.execute import Run
    from bookkit.run.follow import follow
    from bookkit.run.plan import executed_notebooks, plan

    sections = read_all(config)
    _say(problems_of(sections).values())
    begun = Run(some, plan(some, sections), Options())
    results = follow(some, sections, begun)
    return sections, results, executed_notebooks(config, sections, results)


def course(config: Config) -> None:
    """Write what a teacher hands out; what is not cached is run first."""
    from bookkit.publish.course import write_course
    from bookkit.run import committed

    folder = config.output / "course"
    with locked(config):
        sections, results, executed = _ran(config, config)
        write_course(config, sections, executed, folder)
    _say([f"Course: {folder}", *committed.describe(config, results)])
    _refuse_failed(config, sections, results)


def plain(config: Config, words: Sequence[str]) -> None:
    """Have plain d2lbook build a copy of the book; what is not cached is run first.

    `words` are a command of d2lbook; none: that for the pages of all tabs.
    """
    from bookkit.publish.plain import run_d2lbook, write_book
    from bookkit.run import committed

    folder = config.output / "d2lbook"
    with locked(config):
        sections, results, executed = _ran(config, config)
        write_book(config, sections, executed, folder)
        _say(committed.describe(config, results))
        all_tabs = ["--tab", "all"] if len(config.all_tabs) > 1 else []
        run_d2lbook(folder, words or ["build", "html", *all_tabs])
    _say([f"d2lbook's: {folder / config.output.relative_to(config.root)}"])


def notebooks(config: Config, folder: Path | None, kernels: bool = False) -> None:
    """Write the executed notebooks; what is not cached is run first.

    With `kernels` they are to be run: tabs that this machine cannot run are left out.
    """
    from bookkit.kernels import kernelspecs
    from bookkit.kernels.environments import environment_of
    from bookkit.publish.notebooks import write_notebooks
    from bookkit.run import committed

    target = folder or config.output / "notebooks"
    left = {
        tab.name: environment_of(tab).unavailable()
        if config.runs_in(tab)
        else "declared not to be run"
        for tab in config.tabs
    }
    left = {tab: reason for tab, reason in left.items() if kernels and reason}
    chosen = tuple(tab for tab in config.tabs if tab.name not in left)
    with locked(config):
        some = replace(config, tabs=chosen)
        sections, results, executed = _ran(config, some)
        executed |= {tab: {} for tab in left}  # what an earlier one wrote goes
        write_notebooks(config, sections, executed, target, kernels=kernels)
        if kernels:
            kernelspecs.write_all(config)
    _say([f"Notebooks: {target}", *committed.describe(some, results)])
    for tab, reason in left.items():
        _say([f"{tab}: left out, this machine has no kernel for it ({reason})"])
    _refuse_failed(config, sections, results)


def lab(config: Config, words: Sequence[str]) -> NoReturn:
    """Open JupyterLab on the book's contents; what is not cached is run first."""
    from bookkit.book.last_good import read_all
    from bookkit.publish.lab import open_lab, write_contents

    folder = config.output / "lab"
    notebooks(config, folder, kernels=True)
    with locked(config):
        page = write_contents(config, read_all(config), folder)
    open_lab(config, page, words)


def publish_notebooks(config: Config, folder: Path, commit: bool) -> None:
    """Fill a repository's working copy; what is not cached is run first.

    Raises:
        UsageError: it is none that config.ini names, or is not clean.
        RunFailure: a notebook failed, and nothing is written.
    """
    from bookkit.publish.notebooks import write_notebooks
    from bookkit.publish.repository import Published, WorkingCopy
    from bookkit.run import committed

    copy = WorkingCopy(config, folder)
    with locked(config):
        some = replace(config, tabs=copy.tabs)
        sections, results, executed = _ran(config, some)
        _refuse_failed(config, sections, results, "; nothing is published")
        taken = Published(config, sections, copy)
        write_notebooks(
            some, sections, executed, config.output / "notebooks", taker=taken
        )
    said = [
        f"Published: {copy.folder}, {taken.written} written, {taken.deleted} deleted"
    ]
    if commit:
        done = copy.commit(f"{config.title} {config.pages.release}".strip())
        said.append("Committed" if done else "Nothing to commit")
    elif taken.written or taken.deleted:
        said.append(f"  next: git -C {folder} add -A, commit, push; or COMMIT=1")
    _say([*said, *committed.describe(some, results)])


def _refuse_failed(
    config: Config,
    sections: Sequence[Section],
    results: Sequence[Result],
    then: str = "; their notebooks show how far they came",
) -> None:
    from bookkit.run.follow import failure_of

    if failure := failure_of(config, sections, results, then):
        raise failure


def locked(config: Config) -> contextlib.AbstractContextManager[None]:
    """Hold the book's build lock; a second build waits for the first."""
    said = "Another build of this book is running (process {owner}); waiting"
    return lock_file(config.output / ".lock", said)
