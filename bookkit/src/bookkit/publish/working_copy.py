"""A clone of a repository that config.ini names: what may be written into, and how.

One that is not what it should be is refused before anything is written.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from bookkit.book.config import Config, Tab
from bookkit.errors import UsageError, explain

_GITHUB = re.compile(r"github\.com[:/]([^/\s]+/[^/\s]+?)(?:\.git)?/?(?=\s|$)")
_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


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
