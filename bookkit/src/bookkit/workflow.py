"""The order in which a command does its steps; every step lives elsewhere."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bookkit.book.config import Config
from bookkit.book.source import Section, read_book
from bookkit.errors import BookFailure, RunFailure, UsageError, explain
from bookkit.files import write_whole
from bookkit.kernels.environments import environment_of
from bookkit.run import committed, execute, foresight, report, schedule
from bookkit.run.history import History
from bookkit.run.junit import write_junit
from bookkit.run.progress import RunProgress
from bookkit.run.results import Result
from bookkit.streaming import Stream

if TYPE_CHECKING:
    from bookkit.run.explain import Explanation


def run_options(again: bool, spawn: bool, jobs: int) -> execute.Options:
    """Turn the command line's options into the runner's."""
    return execute.Options(slots=jobs, again=again, prefork=not spawn)


def build(config: Config, options: execute.Options, verbose: bool = False) -> bool:
    """Check, run, extract, publish and build the site; say where to open it.

    A page is begun as soon as all notebooks of its section are there. Returns
    False when there was nothing to do.

    Raises:
        BookFailure: there are findings, or a notebook failed. The site of the
            last good build stays as it was.
    """
    from bookkit import freshness
    from bookkit.library import write as library
    from bookkit.publish import downloads
    from bookkit.publish import notebooks as publish
    from bookkit.site.build import SiteBuild

    screen, names = report.console(), [tab.name for tab in config.tabs]
    with locked(config):
        if not options.again and freshness.is_current(config):
            freshness.note_nothing_ran(config)
            screen.print(freshness.NOTHING_TO_DO)
            return False
        with (
            freshness.build_of(config),
            SiteBuild(config.root, names, verbose=verbose) as pages,
        ):
            sections = check(config)
            for path in library.build_library(config, sections=sections):
                screen.print(f"Library: {path} written", markup=False)
            stream = Stream(config, sections, pages)
            results = _run(config, sections, options, stream=stream)
            pages.begin_html(downloads.offered(config, sections, stream.executed))
            folder = config.output / "notebooks"
            taken = downloads.Downloads(config, pages.downloads_dir)
            publish.write_notebooks(
                config, sections, stream.executed, folder, downloads=taken
            )
            execute.forget_runs(config, sections)
            built = pages.finish()
    _say_what_was_built(config, results, built.changed)
    screen.print(f"Notebooks: {folder}", markup=False)
    screen.print(
        f"Site: {built.html_dir / 'index.html'} (open it, or: make serve)", markup=False
    )
    _say(committed.told(config, results))
    return True


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        report.console().print(line, markup=False)


def _say_what_was_built(
    config: Config, results: Sequence[Result], pages: Sequence[str]
) -> None:
    ran = sum(not result.cached for result in results)
    words = f"Notebooks run: {ran} of {len(results)}; pages made: {len(pages)}"
    if 0 < len(pages) <= 3:
        words += f" ({', '.join(pages)})"
    report.console().print(words, markup=False)


def run(
    config: Config,
    wanted: Sequence[str],
    options: execute.Options,
    quiet: bool = False,
    junit: Path | None = None,
    runner: execute.Runner | None = None,
) -> list[Result]:
    """Run some sections, or all; see `build`. `junit` is written whatever happens."""
    with locked(config):
        sections = read_book(config)
        chosen = _chosen(sections, wanted, "bookkit run")
        return _run(config, sections, options, chosen, quiet, None, junit, runner)


def explanations(config: Config, wanted: Sequence[str]) -> list[Explanation]:
    """Tell what a run would do with some sections, or all, and why.

    Raises:
        UsageError: `wanted` names a section the book does not have.
    """
    from bookkit.run.explain import explain_notebooks

    sections = read_book(config)
    chosen = _chosen(sections, wanted, "bookkit explain")
    return explain_notebooks(config, sections, chosen)


def _chosen(
    sections: Sequence[Section], wanted: Sequence[str], command: str
) -> list[Section]:
    known = {str(section.path): section for section in sections}
    for name in wanted:
        if name not in known:
            raise UsageError(
                explain(name, "no such section", ", ".join(known), command)
            )
    return [known[name] for name in wanted] or list(sections)


def _run(
    config: Config,
    sections: Sequence[Section],
    options: execute.Options,
    chosen: Sequence[Section] | None = None,
    quiet: bool = False,
    stream: Stream | None = None,
    junit: Path | None = None,
    runner: execute.Runner | None = None,
) -> list[Result]:
    screen = report.console()
    screen.quiet = quiet
    jobs = execute.plan(config, sections, runner=runner)
    if chosen is not None:
        kept = {section.path for section in chosen}
        jobs = [job for job in jobs if job.section.path in kept]
    if stream:
        stream.begin(jobs)
    history = History(config.output / execute.HISTORY_NAME)
    slots = options.slots or schedule.usual_slots()
    with RunProgress(screen, jobs, history, slots) as progress:

        def listen(event: str, job: execute.Job, result: Result | None) -> None:
            progress(event, job, result)
            if stream:
                stream(event, job, result)

        results = execute.run(config, jobs, options, listen, runner)
    _save_report(config, results)
    complete = chosen is None or len(chosen) == len(sections)
    if complete and all(result.passed for result in results):
        foresight.remember(config)
    if junit is not None:
        write_junit(junit, sections, results)
    by_path = {str(section.path): section for section in sections}
    failed = [result for result in results if not result.passed]
    told = [report.failure_text(by_path[one.section], one) for one in failed]
    for text in told:
        screen.print(f"\n{text}\n", markup=False)
    if results:
        screen.print(report.run_table(config, results))
    if failed and not quiet:
        raise RunFailure(
            f"{len(failed)} of {len(results)} notebooks failed, told above; "
            "the site was not touched",
            told,
        )
    if stream:
        _say(committed.renew(config, jobs, results))
    elif not quiet:
        _say(committed.told(config, results))
    return results


def _save_report(config: Config, results: Sequence[Result]) -> None:
    rows = report.as_json(results)
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    write_whole(config.output / "report.json", text)


def check(config: Config) -> list[Section]:
    """Print the findings of the static checks; return what was read for them.

    Raises:
        BookFailure: there are any.
    """
    from bookkit import check as checks

    screen = report.console()
    findings, sections = checks.examine_book(config, checks.Memory(config))
    for finding in findings:
        screen.print(str(finding), markup=False)
    if findings:
        raise BookFailure(f"{len(findings)} findings in the sources; nothing was run")
    return sections


def coverage(config: Config, document: Path | None = None) -> None:
    """Print how many logical cells each section has in each tab.

    Raises:
        UsageError: `document` has no place for the table.
    """
    from bookkit import check as checks

    screen, rows = report.console(), checks.coverage(config)
    screen.print(report.coverage_table(config, rows))
    if document is not None:
        text = document.read_text(encoding="utf-8") if document.exists() else ""
        renewed = report.with_coverage(text, config, rows)
        if renewed is None:
            mark, end = report.COVERAGE_MARKS
            found = "no place for the table" if text else "no such file"
            expected = f"a line `{mark}` and below it a line `{end}`"
            raise UsageError(explain(str(document), found, expected))
        if renewed != text:
            write_whole(document, renewed)
            screen.print(f"Coverage: {document} written", markup=False)


def lib(config: Config, only_check: bool = False) -> None:
    """Extract the library, or tell whether that would change it.

    Raises:
        BookFailure: `only_check`, and a file is not what the text makes.
    """
    from bookkit.library import write as library

    screen = report.console()
    changed = library.build_library(config, check_only=only_check)
    names = ", ".join(map(str, changed))
    if only_check and changed:
        raise BookFailure(
            explain(names, "stale", "what the saved cells make of it", "make lib")
        )
    screen.print(f"Library: {names or 'nothing to do'}", markup=False)


def notebooks(config: Config, folder: Path | None, kernels: bool = False) -> None:
    """Write the executed notebooks; what is not cached is run first.

    With `kernels` they are to be run: tabs that this machine cannot run are left out.
    """
    from bookkit.publish import notebooks as publish

    target = folder or config.output / "notebooks"
    left = {tab.name: environment_of(tab).unavailable() for tab in config.tabs}
    left = {tab: reason for tab, reason in left.items() if kernels and reason}
    chosen = tuple(tab for tab in config.tabs if tab.name not in left)
    with locked(config):
        sections = read_book(config)
        results = _run(replace(config, tabs=chosen), sections, execute.Options())
        executed = execute.executed_notebooks(config, sections, results)
        executed |= {tab: {} for tab in left}  # what an earlier one wrote goes
        publish.write_notebooks(config, sections, executed, target, kernels=kernels)
    report.console().print(f"Notebooks: {target}", markup=False)
    for tab, reason in left.items():
        _say([f"{tab}: left out, this machine has no kernel for it ({reason})"])


@contextlib.contextmanager
def locked(config: Config) -> Iterator[None]:
    """Hold the book's build lock; a second build waits for the first.

    The kernel drops the lock with the process, so a killed build leaves none.
    """
    config.output.mkdir(parents=True, exist_ok=True)
    path = config.output / ".lock"
    with open(path, "a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            held.seek(0)
            owner = held.read().strip() or "unknown"
            report.console(stderr=True).print(
                f"Another build of this book is running (process {owner}); waiting"
            )
            fcntl.flock(held, fcntl.LOCK_EX)
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        yield
