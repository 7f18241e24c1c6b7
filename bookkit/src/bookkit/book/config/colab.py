"""Where services find the notebooks, as `config.ini` says it. Standard library only.

`[colab] github_repo` is d2lbook's key and means what it means there: a line
`tab, owner/repository` for each tab, in whose repository a section's notebook
lies at the section's own path. Tabs that name the same have a folder each in it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bookkit.book.config.ini import Ini
from bookkit.book.config.keys import ONLY_TAB
from bookkit.errors import or_nearest

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+")
_BRANCH = re.compile(r"[\w.-]+", re.ASCII)
_WILDCARDS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True)
class ColabSettings:
    """A repository for each tab; no tab has one where none is published.

    Notebooks of which a code cell contains `gpu_pattern` ask for a GPU there.
    """

    repositories: Mapping[str, str] = field(default_factory=dict)
    branch: str = "main"
    exclusions: tuple[str, ...] = ()
    gpu_pattern: str = "gpu"

    def place(self, tab: str, page: str) -> PurePosixPath:
        """Return where the notebook of a page lies in its repository."""
        own = self.repositories.get(tab)
        is_shared = list(self.repositories.values()).count(own) > 1 if own else False
        return PurePosixPath(tab if is_shared else "", f"{page}.ipynb")

    def excludes(self, page: str) -> bool:
        """Tell whether a page is not to lead to Colab; d2lbook names it by `.html`."""
        return any(_matches(f"{page}.html", pattern) for pattern in self.exclusions)


def read_colab(ini: Ini) -> ColabSettings:
    """Read the keys about Colab.

    Raises:
        ConfigError: plain d2lbook could not read the repositories, or no branch can
            have that name.
    """
    branch = ini.get("bookkit", "colab_branch")
    if not _BRANCH.fullmatch(branch):
        expected = "the name of a branch, without `/`, which Colab takes for its end"
        raise ini.wrong("bookkit", "colab_branch", expected)
    exclusions = tuple(ini.get("colab", "exclusions").split())
    pattern = ini.get("colab", "gpu_pattern")
    return ColabSettings(_by_tab(ini), branch, exclusions, pattern)


def _by_tab(ini: Ini) -> dict[str, str]:
    found: dict[str, str] = {}
    wrong = functools.partial(ini.wrong, "colab", "github_repo")
    text, tabs = ini.get("colab", "github_repo"), ini.tabs
    if not ini.names_tabs and _REPOSITORY.fullmatch(text.strip()):
        return {ONLY_TAB: text.strip()}
    for row in text.split("\n") if text.strip() else ():
        tab, comma, repository = (part.strip() for part in row.partition(","))
        if not comma or not _REPOSITORY.fullmatch(repository):
            expected = f"a line `tab, owner/repository` for each of {', '.join(tabs)}"
            if not row.strip():
                expected += ", the first one beside the key"
            raise wrong(expected, f"`{row.strip()}`")
        if tab not in tabs or tab in found:
            once = f"each of {', '.join(tabs)} once"
            expected = once if tab in found else or_nearest(once, tab, tabs)
            raise wrong(expected, f"a repository for `{tab}`")
        found[tab] = repository
    missing = [tab for tab in tabs if found and tab not in found]
    if missing:
        expected = "one for each tab, or none at all: plain d2lbook stops at others"
        raise wrong(expected, f"no repository for {', '.join(missing)}")
    return found


def _matches(page: str, pattern: str) -> bool:
    parts = re.split(r"(\*\*/|\*|\?)", pattern)
    rule = "".join(_WILDCARDS.get(part, re.escape(part)) for part in parts)
    return bool(re.fullmatch(rule, page))
