"""Notebooks in a working copy of the repository where services look for them.

They are the site's downloads, with what services want besides: a cell that installs,
the wish for a GPU, contents in `README.md`. A working copy that is not what it should
be is refused before anything is written.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from bookkit.book.commands import pip_line
from bookkit.book.config import Config, Tab
from bookkit.book.source import Section, new_id, runs_code
from bookkit.errors import UsageError, explain
from bookkit.files import write_whole
from bookkit.publish.contents import contents
from bookkit.publish.downloads import companions_of, with_figures
from bookkit.publish.numbers import References

#: A line for each file that we wrote: what is not made again goes, and nothing else.
RECORD_NAME = ".bookkit-notebooks"
_README = "README.md"
#: nbval's word for a cell that it leaves out.
_SKIP_TAG = "nbval-skip"
_ROLE = "install"
_GITHUB = re.compile(r"github\.com[:/]([^/\s]+/[^/\s]+?)(?:\.git)?/?(?=\s|$)")
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
_NAME = re.compile(r"[\w.-]+", re.ASCII)


class WorkingCopy:
    """A clone of a repository that is named under [colab], on its branch, and clean.

    Raises:
        UsageError: it is none, or git is not there.
    """

    def __init__(self, config: Config, folder: Path) -> None:
        self.folder, self._config = folder.resolve(), config
        known = {one.lower(): one for one in config.colab.repositories.values()}
        listed = ", ".join(known.values())
        if not known:
            found, run = (
                "no repositories are named",
                "[colab] github_repo in config.ini",
            )
            raise UsageError(explain("config.ini", found, run=f"name them: {run}"))
        clone = f"git clone https://github.com/{next(iter(known.values()))} {folder}"
        top = folder.is_dir() and self.git("rev-parse", "--show-toplevel", ok=False)
        if not top or Path(top) != self.folder:
            found, expected = "no working copy of git", f"a clone of {listed}"
            raise UsageError(explain(str(folder), found, expected, clone))
        remotes = _GITHUB.findall(self.git("remote", "-v"))
        ours = [known[one.lower()] for one in remotes if one.lower() in known]
        if not ours:
            found = (
                f"a working copy of {', '.join(dict.fromkeys(remotes)) or 'nothing'}"
            )
            raise UsageError(explain(str(folder), found, f"a clone of {listed}", clone))
        self.repository = ours[0]
        branch = self.git("symbolic-ref", "--short", "HEAD", ok=False)
        if branch != config.colab.branch:
            found = f"on branch {branch}" if branch else "on no branch"
            run = f"git -C {folder} switch {config.colab.branch}"
            expected = f"{config.colab.branch}, which is `colab_branch` in config.ini"
            raise UsageError(explain(str(folder), found, expected, run))
        if dirty := self.git("status", "--porcelain", "--untracked-files=all"):
            count = len(dirty.splitlines())
            found = f"{count} changes that are not committed, e.g. {dirty.split()[1]}"
            run = f"git -C {folder} status, then commit or remove them"
            raise UsageError(explain(str(folder), found, "a clean working copy", run))

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """Return the tabs whose notebooks it has."""
        own = self._config.colab.repositories
        return tuple(
            tab for tab in self._config.all_tabs if own[tab.name] == self.repository
        )

    def git(self, *words: str, ok: bool = True) -> str:
        """Return what git says; without `ok` nothing where it fails.

        Raises:
            UsageError: it fails.
        """
        # Called by a hook of the book's own repository, git would work on that
        own = {key: os.environ[key] for key in os.environ if key not in _OF_A_HOOK}
        command = ["git", "-C", str(self.folder), *words]
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=own)
        except FileNotFoundError:
            raise UsageError(explain("git", "not found", run="install git")) from None
        if done.returncode and ok:
            found = f"`git {words[0]}` failed\n    {done.stderr.strip()}"
            raise UsageError(explain(str(self.folder), found))
        return done.stdout.strip() if not done.returncode else ""

    def commit(self, message: str) -> bool:
        """Commit what was written; False: nothing changed."""
        self.git("add", "--all")
        if not self.git("status", "--porcelain"):
            return False
        self.git("commit", "--quiet", "-m", message)
        return True


class Published:
    """What a working copy gets; what is not added to it again goes."""

    def __init__(
        self, config: Config, sections: Sequence[Section], copy: WorkingCopy
    ) -> None:
        self._config, self._sections, self._folder = config, sections, copy.folder
        self._tabs = copy.tabs
        self._references = References(config, sections)
        self._places: dict[str, dict[PurePosixPath, PurePosixPath]] = {
            tab.name: {} for tab in copy.tabs
        }
        record = self._folder / RECORD_NAME
        text = record.read_text("utf-8") if record.is_file() else ""
        self._before = set(text.splitlines())
        self._wanted: set[str] = set()
        #: Files that are new or changed, and ones that went.
        self.written, self.deleted = 0, 0

    def add(self, tab: Tab, section: Section, notebook: Any, text: str) -> None:
        """Take a notebook, as the site's downloads do."""
        import nbformat

        place = self._config.colab.place(
            tab.name, section.path.with_suffix("").as_posix()
        )
        whole = with_figures(notebook, self._config.root / section.path.parent)
        if runs_code(notebook):
            _complete(whole, tab, self._config, self._references.words)
            self._places[tab.name][section.path] = place
        self._write(place, f"{nbformat.writes(whole)}\n".encode())  # type: ignore[no-untyped-call]
        for name, source in companions_of(self._config, section, tab).items():
            self._write(place.parent / name, source.read_bytes())

    def finish(self) -> None:
        """Write what is beside the notebooks; delete what nothing makes any more."""
        readme = PurePosixPath(_README)
        if _README in self._before or not (self._folder / readme).exists():
            self._write(readme, self._contents().encode())
        if any(one.name == "binder" for tab in self._tabs for one in tab.services):
            self._write_requirements()
        for name in sorted(self._before - self._wanted):
            path = self._path(PurePosixPath(name))
            if path.is_file():
                path.unlink()
                self.deleted += 1
        rows = "".join(f"{name}\n" for name in sorted(self._wanted))
        write_whole(self._folder / RECORD_NAME, rows)

    def _contents(self) -> str:
        words, site = self._references.words, self._config.site
        said = [words["published_said"].format(title=self._config.title)]
        said += [words["guide_page"].format(address=site)] if site else []
        places = [(tab, self._places[tab.name]) for tab in self._tabs]
        text = words["guide_between"].join(said)
        return contents(self._references, self._sections, places, text)

    def _write_requirements(self) -> None:
        """Say what Binder is to install, and on which Python.

        Raises:
            UsageError: there is more than one tab to install for.
        """
        if len(self._tabs) > 1:
            names = ", ".join(tab.name for tab in self._tabs)
            found = f"services has binder, and one repository has {names}"
            expected = "a repository for each tab: Binder makes one environment of it"
            raise UsageError(explain("config.ini", found, expected))
        (tab,) = self._tabs
        rows = "".join(f"{one}\n" for one in tab.install)
        self._write(PurePosixPath("requirements.txt"), rows.encode())
        python = f"python-{tab.pythons[-1]}\n"
        self._write(PurePosixPath("runtime.txt"), python.encode())

    def _write(self, place: PurePosixPath, content: bytes) -> None:
        path = self._path(place)
        self._wanted.add(place.as_posix())
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, content)
            self.written += 1

    def _path(self, place: PurePosixPath) -> Path:
        """Return where a file lies.

        Raises:
            UsageError: a link, or a line of the record, leads out of the working copy.
        """
        path = self._folder / place
        if not path.parent.resolve().is_relative_to(self._folder):
            found = "this leads out of the working copy"
            raise UsageError(explain(str(path), found, "a file in it"))
        return path


def _complete(
    notebook: Any, tab: Tab, config: Config, words: Mapping[str, str]
) -> None:
    """Add what services want: what they lack is installed, and a GPU is asked for."""
    from nbformat.v4 import new_code_cell

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    own = [cell.source for cell in code if not cell.metadata.get("jupyter")]
    pattern = config.colab.gpu_pattern
    if pattern and any(pattern in source for source in own):
        notebook.metadata["accelerator"] = "GPU"
    if lacking(tab):
        source = f"# {words['install']}\n%{pip_line(['-q', *tab.install])}"
        added = new_code_cell(source)  # type: ignore[no-untyped-call]
        added.id = new_id({cell.id for cell in notebook.cells}, _ROLE)
        added.metadata["tags"] = [_SKIP_TAG]
        at = next(i for i, cell in enumerate(notebook.cells) if cell is code[0])
        notebook.cells.insert(at, added)


def lacking(tab: Tab) -> list[str]:
    """Return the services of a tab where some of its packages are to be installed."""
    names = {found[0] for one in tab.install if (found := _NAME.match(one))}
    return [
        one.title
        for one in tab.services
        # Binder installs what requirements.txt asks for
        if one.name != "binder" and not names <= set(one.has)
    ]
