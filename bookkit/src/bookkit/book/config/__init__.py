"""`config.ini` as one frozen record.

The file is d2lbook's own, so plain d2lbook reads it too; what bookkit adds
stands in `[bookkit]` and in one `[bookkit-TAB]` per tab. Standard library only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bookkit.book.config.colab import ColabSettings, read_colab
from bookkit.book.config.ini import Ini, unknown
from bookkit.book.config.keys import FILE_KEYS
from bookkit.book.config.levels import read_levels
from bookkit.book.config.live import LiveSettings, read_live
from bookkit.book.config.pages import PageSettings, read_pages, title_of
from bookkit.book.config.places import reject_unsafe
from bookkit.book.config.runs import RunSettings, read_runs
from bookkit.book.config.sphinx import read_sphinx
from bookkit.book.config.store import StoreSettings, read_store
from bookkit.book.config.synonyms import Synonyms, read_synonyms
from bookkit.book.config.tab import Tab, read_pythons, read_tab
from bookkit.errors import UsageError

__all__ = ["CONFIG_NAME", "Config", "Tab", "load"]

CONFIG_NAME = "config.ini"


@dataclass(frozen=True)
class Config:
    """One book: where it is, what it is made of, and its limits.

    `further` are the patterns of all keys that name files beside the sections, of which
    `resources` are those that cells find around them, and all results depend on
    `dependencies`;
    `solutions` is the folder that has `a/b.md` with the solutions of `a/b.md`;
    `sphinx` is how numbered things are called, and what `sphinx_configs` sets.
    `downloads` is where cells keep what they fetch; it lasts.
    `notices` are what the file says without effect, each with what to do instead.
    """

    root: Path
    name: str
    title: str
    language: str
    index: str
    notebooks: tuple[str, ...]
    exclusions: tuple[str, ...]
    bibfile: str
    further: tuple[str, ...]
    resources: tuple[str, ...]
    dependencies: tuple[str, ...]
    solutions: PurePosixPath | None
    synonyms: Synonyms
    output: Path
    downloads: Path
    environments: Path
    locks: Path
    pythons: tuple[str, ...]
    cell_timeout_s: float
    notebook_timeout_s: float
    slow_notebook_s: float
    cell_output_limit_kb: int
    cell_picture_limit_kb: int
    levels: Mapping[str, str]
    runs: RunSettings
    store: StoreSettings
    colab: ColabSettings
    site: str
    repository: str
    live: LiveSettings
    sphinx: Mapping[str, Any]
    pages: PageSettings
    notices: tuple[str, ...]
    all_tabs: tuple[Tab, ...]
    tabs: tuple[Tab, ...]

    @property
    def default_tab(self) -> Tab:
        """Return the tab that untagged cells belong to."""
        return self.all_tabs[0]

    @property
    def tab_names(self) -> tuple[str, ...]:
        """Return the names of every tab of the book, selected or not."""
        return tuple(tab.name for tab in self.all_tabs)

    @property
    def build_environment(self) -> Path:
        """Return the environment that bookkit and d2lbook run in."""
        return self.environments / "build"

    def runs_in(self, tab: Tab) -> bool:
        """Tell whether any cell of a tab may be run at all."""
        return self.runs.evaluate and tab.run

    def tab(self, name: str) -> Tab:
        for tab in self.all_tabs:
            if tab.name == name:
                return tab
        raise UsageError(unknown("tab", name, self.tab_names, "--tabs"))


def load(root: Path, tabs: Sequence[str] = ()) -> Config:
    """Read `root/config.ini`; `tabs` selects some of its tabs, none means all.

    Raises:
        ConfigError: the file is missing, unreadable, or has an unknown key or a
            value of the wrong kind.
        UsageError: `tabs` names a tab the book does not have.
    """
    ini = Ini(root / CONFIG_NAME)
    all_tabs = tuple(read_tab(ini, name) for name in ini.tabs)
    _reject_shared(ini, all_tabs)
    reject_unsafe(ini)
    folder = ini.get("bookkit", "solutions")
    config = Config(
        root=root,
        name=ini.get("project", "name"),
        title=title_of(ini),
        language=ini.get("project", "lang") or "en",
        index=ini.get("build", "index").removesuffix(".md"),
        notebooks=ini.words("build", "notebooks"),
        exclusions=(
            *ini.words("build", "exclusions"),
            *ini.words("build", "non-notebooks"),
        ),
        bibfile=ini.get("pdf", "bibfile"),
        further=tuple(word for key in FILE_KEYS for word in ini.words(*key)),
        resources=ini.words("build", "resources"),
        dependencies=ini.words("build", "dependencies"),
        solutions=PurePosixPath(folder) if folder else None,
        synonyms=read_synonyms(ini),
        output=root / ini.get("build", "output_dir"),
        downloads=_downloads(ini, root),
        environments=root / ini.get("bookkit", "environments"),
        locks=root / ini.get("bookkit", "locks"),
        pythons=read_pythons(ini, "bookkit"),
        cell_timeout_s=ini.positive("cell_timeout_s"),
        notebook_timeout_s=ini.positive("notebook_timeout_s"),
        slow_notebook_s=ini.positive("slow_notebook_s"),
        cell_output_limit_kb=int(ini.positive("cell_output_limit_kb")),
        cell_picture_limit_kb=int(ini.positive("cell_picture_limit_kb")),
        levels=read_levels(ini),
        runs=read_runs(ini),
        store=read_store(ini),
        colab=read_colab(ini),
        site=_read_address(ini, "site", "https://example.org/book"),
        repository=_read_address(ini, "repository", "https://github.com/owner/book"),
        live=read_live(ini),
        sphinx=read_sphinx(ini),
        pages=read_pages(ini),
        notices=ini.notices,
        all_tabs=all_tabs,
        tabs=tuple(tab for tab in all_tabs if not tabs or tab.name in tabs),
    )
    for name in tabs:
        config.tab(name)  # which says what there is instead
    return config


def _read_address(ini: Ini, key: str, example: str) -> str:
    """Read an address for readers, without a `/` at its end."""
    text = ini.get("bookkit", key)
    if text and not re.fullmatch(r"https?://[^\s/\[\]][^\s\[\]]*", text):
        raise ini.wrong("bookkit", key, f"an address such as {example}")
    return text.rstrip("/")


def _reject_shared(ini: Ini, tabs: Sequence[Tab]) -> None:
    """Refuse a folder of results for two tabs: each would delete the other's."""
    owners: dict[Path, str] = {}
    for tab in tabs:
        if tab.kept and owners.setdefault(tab.kept, tab.name) != tab.name:
            found = f"[bookkit-{owners[tab.kept]}] names the same folder"
            section = f"bookkit-{tab.name}"
            raise ini.wrong(section, "kept", "a folder for each tab", found)


def _downloads(ini: Ini, root: Path) -> Path:
    given = ini.get("bookkit", "downloads") or ini.get("build", "output_dir") + "/data"
    return root / os.path.expanduser(given)
