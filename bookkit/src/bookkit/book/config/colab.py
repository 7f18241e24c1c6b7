"""Where Colab finds the notebooks, as `config.ini` says it. Standard library only.

`[colab] github_repo` is d2lbook's key and means what it means there: a line
`tab, owner/repository` for each tab, in whose repository a section's notebook
lies at the section's own path.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from bookkit.book.config.ini import Ini
from bookkit.errors import or_nearest

_SITE = "https://colab.research.google.com/github"
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+")
_BRANCH = re.compile(r"[\w.-]+", re.ASCII)
_WILDCARDS = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True)
class ColabSettings:
    """A repository for each tab; no tab has one where Colab is not offered."""

    repositories: Mapping[str, str] = field(default_factory=dict)
    branch: str = "master"
    exclusions: tuple[str, ...] = ()

    def address(self, tab: str, page: str) -> str | None:
        """Return where a page's notebook opens, e.g. for `chapter/gpu`; None: nowhere.

        d2lbook names the pages that are excluded by their `.html`.
        """
        repository = self.repositories.get(tab)
        if not repository or any(_matches(f"{page}.html", p) for p in self.exclusions):
            return None
        return f"{_SITE}/{repository}/blob/{self.branch}/{quote(page)}.ipynb"


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
    return ColabSettings(_by_tab(ini), branch, exclusions)


def _by_tab(ini: Ini) -> dict[str, str]:
    found: dict[str, str] = {}
    wrong = functools.partial(ini.wrong, "colab", "github_repo")
    text, tabs = ini.get("colab", "github_repo"), ini.tabs
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
