"""Commands that write what others take along: notebooks, a course, d2lbook's copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bookkit.book.config import Config
from bookkit.run.options import Options
from bookkit.workflow.common import locked, say

#: What `nbval --nbval-sanitize-with` reads, beside the notebooks.
NBVAL_RULES = ".nbval.cfg"

if TYPE_CHECKING:
    from bookkit.book.source import Section
    from bookkit.run.results import Result


def archive(config: Config) -> None:
    """Pack the built site for reading offline, and offer it on its first page.

    Raises:
        UsageError: the site is not as a build leaves it.
    """
    from bookkit.site.archive import write_archive

    with locked(config):
        path = write_archive(config)
    say([f"Archive: {path}"])


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
            write_rules(some, target)
    say([f"Notebooks: {target}", *committed.describe(some, results)])
    for tab, reason in left.items():
        say([f"{tab}: left out, this machine has no kernel for it ({reason})"])
    _refuse_failed(config, sections, results)


def write_rules(config: Config, folder: Path) -> None:
    """Write what nbval makes of outputs: what a run made of those it compares with."""
    from bookkit.files import write_whole
    from bookkit.run.neutral import ask, nbval_text

    places = {path.parent for path in folder.rglob("*.ipynb")}
    abouts = [ask(tab.python) for tab in config.tabs]
    text = nbval_text(abouts, [*sorted(places), config.root])
    write_whole(folder / NBVAL_RULES, text)


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
    from bookkit.publish.repository import Published
    from bookkit.publish.working_copy import WorkingCopy
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
    say([*said, *committed.describe(some, results)])


def course(config: Config) -> None:
    """Write what a teacher hands out; what is not cached is run first."""
    from bookkit.publish.course import write_course
    from bookkit.run import committed

    folder = config.output / "course"
    with locked(config):
        sections, results, executed = _ran(config, config)
        write_course(config, sections, executed, folder)
    say([f"Course: {folder}", *committed.describe(config, results)])
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
        say(committed.describe(config, results))
        all_tabs = ["--tab", "all"] if len(config.all_tabs) > 1 else []
        run_d2lbook(folder, words or ["build", "html", *all_tabs])
    say([f"d2lbook's: {folder / config.output.relative_to(config.root)}"])


def _ran(
    config: Config, some: Config
) -> tuple[list[Section], list[Result], dict[str, dict[str, Any | None]]]:
    """Run the tabs of `some`; return sections, results and each tab's notebooks."""
    from bookkit.book.last_good import problems_of, read_all
    from bookkit.run.execute import Run
    from bookkit.run.follow import follow
    from bookkit.run.plan import executed_notebooks, plan

    sections = read_all(config)
    say(problems_of(sections).values())
    begun = Run(some, plan(some, sections), Options())
    results = follow(some, sections, begun)
    return sections, results, executed_notebooks(config, sections, results)


def _refuse_failed(
    config: Config,
    sections: Sequence[Section],
    results: Sequence[Result],
    then: str = "; their notebooks show how far they came",
) -> None:
    from bookkit.run.follow import failure_of

    if failure := failure_of(config, sections, results, then):
        raise failure
