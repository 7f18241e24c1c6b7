"""Take over a book of d2lbook's: what it needs is written, the rest is told.

Nothing that the author wrote is overwritten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bookkit.adopt.lines import difference, with_values
from bookkit.adopt.needs import BIBFILE, requirements_of, values_for, wish_text
from bookkit.book import baseline
from bookkit.book.config import CONFIG_NAME, Config, Tab, load
from bookkit.book.findings import CODES, ERROR, Finding
from bookkit.book.judge import with_levels
from bookkit.book.source import Section
from bookkit.check import Memory, examine_book
from bookkit.files import write_whole


def adopt(config: Config, dry_run: bool = False) -> Iterator[str]:
    """Write what the book lacks, and yield what was found, line by line.

    With `dry_run` nothing is written, and the same is told.
    """
    findings, sections = examine_book(config, Memory(config))
    unread = sum(section.path in section.unread for section in sections)
    read = len(sections) - unread
    named = f"{read} sections{f' and {unread} unreadable' if unread else ''}"
    yield f"{config.title}: {named}, tabs {', '.join(config.tab_names)}"
    values = values_for(config, sections)
    if values:
        yield from _configure(config, values, dry_run)
        # Written lines move those that are told of below
        config = config if dry_run else load(config.root)
        config = replace(config, bibfile=values.get(BIBFILE, config.bibfile))
        findings, sections = examine_book(config, Memory())
    yield from config.notices
    wishes = [tab for tab in config.all_tabs if not tab.lock.exists()]
    for tab in wishes:
        yield from _wish(config, sections, tab, dry_run)
    found = with_levels(config, findings)
    yield from _table(found)
    yield from _accept(config, found, dry_run)
    yield from ["Nothing was written"] if dry_run else _what_next(config, wishes)


def _configure(
    config: Config, values: dict[tuple[str, str], str], dry_run: bool
) -> Iterator[str]:
    path = config.root / CONFIG_NAME
    before = path.read_text(encoding="utf-8")
    after = with_values(before, values)
    yield from difference(before, after, CONFIG_NAME)
    if not dry_run:
        write_whole(path, after)


def _wish(
    config: Config, sections: Sequence[Section], tab: Tab, dry_run: bool
) -> Iterator[str]:
    """Write what to lock for a tab, unless there is such a file."""
    path = tab.lock.with_suffix(".in")
    if path.exists():
        return
    packages = requirements_of(config, sections, tab)
    if not dry_run:
        write_whole(path, wish_text(packages))
    name = path.relative_to(config.root)
    yield f"{name}: what cells import: {', '.join(packages)}"


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield how many findings of each code there are, errors first."""
    counts = Counter((one.level != ERROR, one.code) for one in findings)
    for (is_style, code), times in sorted(counts.items()):
        level = "style" if is_style else "error"
        yield f"{times:6} {level}  {code}  {CODES[code]}"


def _accept(
    config: Config, findings: Sequence[Finding], dry_run: bool
) -> Iterator[str]:
    path = config.root / baseline.NAME
    if path.exists():
        yield f"{baseline.NAME} is there, and stays as it is (or: {baseline.RENEW})"
    elif findings:
        if not dry_run:
            baseline.write(config.root, findings)
        yield f"Known findings: {len(findings)}, in {baseline.NAME}; they stop no build"


def _what_next(config: Config, wishes: Sequence[Tab]) -> Iterator[str]:
    steps = []
    if wishes:
        folder = config.locks.relative_to(config.root)
        names = ", ".join(f"{folder}/{tab.name}.in" for tab in wishes)
        steps = [f"look through {names}: is it what cells need?", "bookkit lock"]
    steps += ["bookkit environments", "bookkit build"]
    yield "Next:"
    for number, step in enumerate(steps, start=1):
        yield f"  {number}. {step}"
