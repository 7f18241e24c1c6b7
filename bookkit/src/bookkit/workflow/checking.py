"""Commands that run no cell: sources judged, the library and addresses compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.document import Document
from bookkit.errors import BookFailure, UsageError, explain
from bookkit.files import write_whole
from bookkit.workflow.common import say
from bookkit.workflow.watcher import Watcher

if TYPE_CHECKING:
    from bookkit.book.source import Section


def check(
    config: Config,
    only_errors: bool = True,
    going_on: bool = False,
    watcher: Watcher | None = None,
    document: Document | None = None,
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
    from bookkit.workflow.told import tell_check

    findings, sections = examine_book(config, Memory(config))
    verdict = judge(config, findings)
    if document:
        tell_check(document, verdict, config.notices)
    listed = verdict.errors if only_errors else verdict.new
    say(map(str, (*(() if only_errors else config.notices), *listed)))
    say(verdict.summary(listed=not only_errors))
    if only_errors and config.notices:
        say([f"config.ini: {len(config.notices)} notices (bookkit check lists them)"])
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
    say([f"Known findings: {len(kept)}, in {path}"])


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
            say([f"Coverage: {document} written"])


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
        say([f"Addresses: {published.accept(config)} written"])
    published.demand(config)
    known = len(published.published(config.root))
    say([f"Addresses: all {known} that were published lead somewhere"])


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
    say([f"Library: {names or 'nothing to do'}"])
