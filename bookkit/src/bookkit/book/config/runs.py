"""Which code is run, and what it may do, as `config.ini` says it.

`[build] eval_notebook` is d2lbook's key and means what it means there. Standard
library only.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from bookkit.book.config.ini import Ini
from bookkit.errors import ConfigError, explain, or_nearest


@dataclass(frozen=True)
class Selection:
    """Notebooks that a key names: `a/b.md`, `a`, `*/b.md`; one tab's: `TAB:a/b.md`."""

    key: str
    entries: tuple[str, ...] = ()

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

    `strict` makes an error of a deprecation that a cell itself is warned of.
    """

    evaluate: bool
    no_run: Selection
    allow_errors: Selection
    strict: bool


def read_runs(ini: Ini) -> RunSettings:
    """Read the keys about what is run.

    Raises:
        ConfigError: a value is of the wrong kind, or names a tab that is none.
    """
    deprecations = ini.get("bookkit", "deprecations").strip().lower()
    if deprecations not in ("show", "error"):
        raise ini.wrong("bookkit", "deprecations", "show or error")
    return RunSettings(
        evaluate=ini.truth("build", "eval_notebook", True),
        no_run=_read_selection(ini, "no_run"),
        allow_errors=_read_selection(ini, "allow_errors"),
        strict=deprecations == "error",
    )


def _read_selection(ini: Ini, key: str) -> Selection:
    entries = ini.words("bookkit", key)
    for entry in entries:
        tab, colon, _ = entry.rpartition(":")
        if colon and tab not in ini.tabs:
            form = f"a section, or one of {', '.join(ini.tabs)} and `:` before it"
            expected = or_nearest(form, tab, ini.tabs)
            raise ini.wrong("bookkit", key, expected, f"`{entry}`")
    return Selection(key, entries)


def _fits(entry: str, section: PurePosixPath, tab: str) -> bool:
    wanted, _, pattern = entry.rpartition(":")
    return wanted in ("", tab) and _matches(pattern, section)


def _matches(pattern: str, section: PurePosixPath) -> bool:
    """Match a section by its path, or by that of a folder it lies in."""
    paths = (section, *section.parents[:-1])
    return any(fnmatch.fnmatchcase(str(one), pattern.rstrip("/")) for one in paths)
