"""Run Sphinx into a folder of its own, and publish the pages when all are good."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bookkit.errors import SiteError
from bookkit.files import write_whole
from bookkit.kernels.prefork.exits import describe_exit
from bookkit.kernels.programs import Program
from bookkit.site.sphinx_internals import NOTES, OWN_PAGES
from bookkit.site.sphinx_process import CANNOT_BEGIN
from bookkit.site.sphinx_warnings import SiteFinding, read_findings
from bookkit.site.trees import mirror

#: Files that readers take with them lie here; no section can be named like this.
DOWNLOADS = "_notebooks"
#: Paths below that folder, by page and tab.
Downloads = Mapping[str, Mapping[str, str]]
_LAST_LINES = 30
_FEW_PAGES = 3


@dataclass(frozen=True)
class HtmlPages:
    """Where Sphinx reads, where it writes, and where the site is."""

    root: Path
    html_dir: Path
    build_dir: Path
    tabs: Sequence[str]
    names: Sequence[str]

    @property
    def conf_dir(self) -> Path:
        """Return the folder with Sphinx's configuration."""
        return self.build_dir / "sphinx"

    @property
    def pages_dir(self) -> Path:
        """Return the folder with what each page is made of."""
        return self.build_dir / "pages"

    @property
    def made_dir(self) -> Path:
        """Return the folder that Sphinx writes to, kept from build to build."""
        return self.build_dir / "html-made"

    @property
    def facts_dir(self) -> Path:
        """Return the folder with the facts about each section's runs."""
        return self.build_dir / "facts"

    @property
    def warnings_file(self) -> Path:
        """Return the file that Sphinx writes its warnings to."""
        return self.build_dir / "sphinx-warnings.txt"


class SphinxRun:
    """One run of Sphinx, whose process starts and gets ready at once.

    Its configuration must lie in `pages.conf_dir`; `fresh` says that what it made
    last time is still right but for what `begin` names, `awaited` that somebody waits
    for its pages, and for nothing else.
    """

    def __init__(
        self, pages: HtmlPages, verbose: bool, *, fresh: bool, awaited: bool = False
    ) -> None:
        self._pages, self._all_pages, self.verbose = pages, not fresh, verbose
        pages.warnings_file.unlink(missing_ok=True)
        if not fresh:  # all pages are made again: other files are of an older version
            shutil.rmtree(pages.made_dir, ignore_errors=True)
        words = ["-b", "html", "-t", "bookkit", "--keep-going", "--no-color"]
        words += ["-d", str(pages.build_dir / "doctrees")]
        words += ["-w", str(pages.warnings_file)]
        words += ["-D", f"bookkit_tabs={','.join(pages.tabs)}"]
        words += ["-c", str(pages.conf_dir)]
        words += ["-D", f"bookkit_facts={pages.facts_dir}"]
        words += ["-D", f"bookkit_pages={pages.pages_dir}"]
        words += ["-D", f"bookkit_changed={self._changed_file}"]
        words += ["-D", f"bookkit_downloads={self._downloads_file}"]
        words += [] if fresh else ["-E", "-a"]
        words += [str(pages.root), str(pages.made_dir)]
        begin = "awaited" if awaited else "behind"
        self._program = Program(
            [sys.executable, "-m", "bookkit.site.sphinx_process", begin, *words],
            cwd=pages.root,
            stdin=subprocess.PIPE,
            aloud=verbose,
        )

    @property
    def _changed_file(self) -> Path:
        return self._pages.build_dir / "sphinx-changed.json"

    @property
    def _downloads_file(self) -> Path:
        return self._pages.build_dir / "sphinx-downloads.json"

    def begin(self, changed: Iterable[str], downloads: Downloads) -> None:
        """Start to build; `changed` are the sections whose input has changed.

        Sphinx itself goes by file time, which a clock set back deceives.
        """
        names = [section.removesuffix(".md") for section in changed]
        write_whole(self._changed_file, json.dumps(names))
        write_whole(self._downloads_file, json.dumps(downloads))
        stdin = self._program.stdin
        assert stdin is not None
        # Processes of its own cost more than they bring for a page or two.
        many = self._all_pages or len(names) > _FEW_PAGES
        processes = os.cpu_count() or 1 if many else 1
        told = {"processes": processes, "files": list(self._pages.names)}
        with contextlib.suppress(BrokenPipeError):  # it died: `wait` tells how
            stdin.write(f"{json.dumps(told)}\n".encode())
            stdin.flush()

    def wait(self) -> list[SiteFinding]:
        """Wait until Sphinx is done; return its warnings.

        Raises:
            SiteError: Sphinx itself failed.
            OSError: it had no room to write.
        """
        code = self._program.wait()
        pages = self._pages
        findings = read_findings(pages.warnings_file, pages.root)
        said, full = self._program.said(), os.strerror(errno.ENOSPC)
        if code == CANNOT_BEGIN:
            raise SiteError("\n".join(said.strip().splitlines()[-2:]))
        if code != 0:
            if full in said:  # which Sphinx takes for a bug of its own
                raise OSError(errno.ENOSPC, full, str(pages.build_dir))
            last = "\n".join(said.splitlines()[-_LAST_LINES:])
            listed = "\n".join(str(finding) for finding in findings)
            found = (
                f"Sphinx has ended: {describe_exit(code)}\n{listed}\n{last}".rstrip()
            )
            if code < 0:
                found += "\n  next: the same command again; finished results are kept"
            raise SiteError(found)
        return findings

    @property
    def waits(self) -> bool:
        """Tell whether it is still there to begin."""
        return self._program.poll() is None

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._program.stdin is not None:
            with contextlib.suppress(OSError):
                self._program.stdin.close()
        self._program.stop()


def put_in_place(pages: HtmlPages) -> list[Path]:
    """Copy what Sphinx made to the site; return the pages that changed."""
    known = {Path(name).with_suffix(".html") for name in pages.names}
    for page in pages.made_dir.rglob("*.html"):
        relative = page.relative_to(pages.made_dir)
        is_own = relative.parts[0].startswith("_") or str(relative) in OWN_PAGES
        if not is_own and relative not in known:
            _forget(pages, relative)
    changed = mirror(
        pages.made_dir, pages.html_dir, lambda path: path.parts[0] not in NOTES
    )
    return [path for path in changed if path.suffix == ".html"]


def _forget(pages: HtmlPages, page: Path) -> None:
    """Delete what Sphinx made of a removed section; Sphinx leaves it there."""
    for path in (
        pages.made_dir / page,
        pages.made_dir / "_sources" / page.with_suffix(".md.txt"),
        (pages.build_dir / "doctrees" / page).with_suffix(".doctree"),
    ):
        path.unlink(missing_ok=True)
