"""What findings mean for this book: errors, matters of style, and known ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bookkit.book import baseline
from bookkit.book.config import Config
from bookkit.book.findings import ERROR, OFF, STYLE, Finding


@dataclass(frozen=True)
class Verdict:
    """Findings that are new, in the order of their places, and how many are not.

    `gone` says how many of the baseline were not found any more, `notices` what of it
    is of another book or another bookkit.
    """

    new: tuple[Finding, ...]
    known: int = 0
    gone: int = 0
    notices: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.new if one.level == ERROR)

    @property
    def style(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.new if one.level == STYLE)

    def summary(self, listed: bool) -> Iterator[str]:
        """Yield what stops nothing, a line each; with `listed`, style has been."""
        if self.style:
            where = "" if listed else " (bookkit check lists them)"
            yield f"Findings of style: {len(self.style)}{where}"
        if self.known:
            yield f"Known findings: {self.known} ({baseline.NAME})"
        if self.gone:
            yield f"Known findings that are gone: {self.gone} (next: {baseline.RENEW})"
        yield from self.notices


def with_levels(config: Config, findings: Iterable[Finding]) -> list[Finding]:
    """Give each finding the level of its code; those that are off go."""
    levels = config.levels
    found = [replace(one, level=levels[one.code]) for one in findings]
    return [one for one in found if one.level != OFF]


def judge(config: Config, findings: Iterable[Finding]) -> Verdict:
    """Compare with the baseline.

    Where a file has more of one kind than that says, nobody can tell which is new: all
    of that kind in that file are.

    Raises:
        ConfigError: the baseline cannot be read.
    """
    found = with_levels(config, findings)
    known, counts = baseline.read(config.root), baseline.count(found)
    more = {kind for kind, times in counts.items() if times > known.counts[kind]}
    new = [one for one in found if baseline.kind_of(one) in more]
    gone = sum(max(0, most - counts[kind]) for kind, most in known.counts.items())
    notices = tuple(baseline.outdated(config.root, known, new))
    return Verdict(tuple(new), len(found) - len(new), gone, notices)
