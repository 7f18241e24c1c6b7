"""Which code is run, and what it may do, as `config.ini` says it.

`[build] eval_notebook` is d2lbook's key and means what it means there. Standard
library only.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from bookkit.book.config.ini import Ini
from bookkit.book.findings import ERROR, STYLE, WARNINGS
from bookkit.errors import ConfigError, explain, or_nearest

#: A warning that is shown to readers, and no finding.
SHOW = "show"
_LEVELS = (SHOW, STYLE, ERROR)


@dataclass(frozen=True)
class Selection:
    """Notebooks that a key names: `a/b.md`, `a`, `*/b.md`; one tab's: `TAB:a/b.md`."""

    key: str
    entries: tuple[str, ...] = ()
    line: int = 1  # of config.ini

    def named(self, section: PurePosixPath, tab: str) -> list[str]:
        """Return the entries that name a section by itself, in one tab or in all."""
        names = (str(section), f"{tab}:{section}")
        return [entry for entry in self.entries if entry in names]

    def entry_has(self, entry: str, section: PurePosixPath, tab: str) -> bool:
        """Tell whether a notebook is one of those that one entry names."""
        return _fits(entry, section, tab)

    def has(self, section: PurePosixPath, tab: str) -> bool:
        """Tell whether a notebook is among them."""
        return any(_fits(entry, section, tab) for entry in self.entries)

    def require(self, sections: Iterable[PurePosixPath]) -> None:
        """Look for entries that name nothing: what was meant would happen unseen.

        Raises:
            ConfigError: there is one.
        """
        known = list(sections)
        for entry in self.entries:
            pattern = entry.rpartition(":")[2]
            if not any(_matches(pattern, section) for section in known):
                place = f"config.ini: [bookkit] {self.key}"
                folders = {str(one) for path in known for one in path.parents}
                names = {*map(str, known), *folders}
                expected = or_nearest("a section or a folder", pattern, names)
                found = f"no section is called `{pattern}`"
                raise ConfigError(explain(place, found, expected))


@dataclass(frozen=True)
class RunSettings:
    """Whether anything is run; what is not, and what may fail.

    `warnings` says what a deprecation is that a cell itself is warned of, by its kind:
    an error, a finding of style, or shown and nothing else.
    """

    evaluate: bool
    no_run: Selection
    allow_errors: Selection
    warnings: Mapping[str, str]

    def kinds(self, level: str) -> tuple[str, ...]:
        """Return the kinds of warning that are of a level."""
        return tuple(kind for kind in WARNINGS if self.warnings[kind] == level)


def read_runs(ini: Ini) -> RunSettings:
    """Read the keys about what is run.

    Raises:
        ConfigError: a value is of the wrong kind, or names a tab that is none.
    """
    return RunSettings(
        evaluate=ini.truth("build", "eval_notebook", True),
        no_run=_read_selection(ini, "no_run"),
        allow_errors=_read_selection(ini, "allow_errors"),
        warnings=_read_warnings(ini),
    )


def _read_warnings(ini: Ini) -> dict[str, str]:
    """Read `error`, or `error, FutureWarning show`: a later entry has precedence."""
    levels = dict.fromkeys(WARNINGS, SHOW)
    text = ini.get("bookkit", "deprecations")
    for entry in filter(None, map(str.strip, re.split(r"[,\n]", text))):
        kind, _, level = entry.rpartition(" ")
        kind = kind.strip()
        if level.lower() not in _LEVELS or kind not in ("", *WARNINGS):
            form = "show, style or error, or a kind of warning before one of them: "
            form += "`error, FutureWarning show`"
            name, known = (kind, WARNINGS) if level.lower() in _LEVELS else (level, ())
            expected = or_nearest(form, name, known or _LEVELS)
            raise ini.wrong("bookkit", "deprecations", expected, f"`{entry}`")
        levels |= dict.fromkeys([kind] if kind else WARNINGS, level.lower())
    return levels


def _read_selection(ini: Ini, key: str) -> Selection:
    entries = ini.words("bookkit", key)
    for entry in entries:
        tab, colon, _ = entry.rpartition(":")
        if colon and tab not in ini.tabs:
            form = f"a section, or one of {', '.join(ini.tabs)} and `:` before it"
            expected = or_nearest(form, tab, ini.tabs)
            raise ini.wrong("bookkit", key, expected, f"`{entry}`")
    line = ini.place("bookkit", key).rpartition(":")[2]
    return Selection(key, entries, int(line))


def _fits(entry: str, section: PurePosixPath, tab: str) -> bool:
    wanted, _, pattern = entry.rpartition(":")
    return wanted in ("", tab) and _matches(pattern, section)


def _matches(pattern: str, section: PurePosixPath) -> bool:
    """Match a section by its path, or by that of a folder it lies in."""
    paths = (section, *section.parents[:-1])
    return any(fnmatch.fnmatchcase(str(one), pattern.rstrip("/")) for one in paths)
