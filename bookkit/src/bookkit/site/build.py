"""Build the book's web site.

`SiteBuild` owns the way from executed notebooks to pages, which come one section
after another. It executes nothing and checks no source; what the pages look like
is `bookkit.site.extension`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from nbformat import NotebookNode

from bookkit.book.config import load
from bookkit.book.inputs import section_files
from bookkit.book.source import Section, read_section
from bookkit.errors import SiteError
from bookkit.site import waiting
from bookkit.site.html_pages import DOWNLOADS, Downloads, put_in_place
from bookkit.site.pages import Pages
from bookkit.site.sphinx_warnings import SiteFinding

__all__ = ["SiteBuild", "SiteFinding", "SiteResult", "build_site"]


@dataclass(frozen=True)
class SiteResult:
    """What one build of the site left behind."""

    html_dir: Path
    pages: int
    """Number of sections and chapter pages, without search and index pages."""
    changed: tuple[str, ...]
    """Sections whose page was made anew."""
    warnings: tuple[SiteFinding, ...]
    """Only where `config.ini` lets a build with warnings pass."""
    seconds: float


class SiteBuild:
    """One build of `_build/html`, which stays as it was until all pages are good."""

    def __init__(
        self,
        root: Path,
        tabs: Sequence[str],
        verbose: bool = False,
        keep: bool = False,
    ) -> None:
        """Start the build; readers see the first of `tabs` until they choose.

        `keep` takes the Sphinx that `waiting` has got ready, and gives back what was
        not needed.

        Raises:
            SiteError: there is no tab.
            UsageError: the book does not have one of them.
        """
        if not tabs:
            raise SiteError("No tab to build the site for: name at least one tab.")
        self._began = time.monotonic()
        self._begun, self._changed = False, list[str]()
        self._pages = Pages(load(root.resolve(), tabs))
        self._keep = keep
        self._sphinx = waiting.take(self._pages, verbose)

    def __enter__(self) -> SiteBuild:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._keep and not self._begun:
            waiting.keep(self._pages, self._sphinx)
        else:
            self._sphinx.stop()

    def add(self, section: Section, ran: Mapping[str, NotebookNode | None]) -> None:
        """Take a section with its executed notebooks by tab, its solutions' included.

        Their cells are as `bookkit.book.source.notebook_of` leaves them; None where the
        section has no such tab.
        """
        self._pages.add(section, ran)

    @property
    def downloads_dir(self) -> Path:
        """Return the folder whose files are published beside the pages.

        Files must be written there between `begin_html` and `finish`.
        """
        return self._pages.html.made_dir / DOWNLOADS

    def begin_html(self, downloads: Downloads | None = None) -> None:
        """Start Sphinx once the last section is there; do not wait for it.

        `downloads` are what pages offer of `downloads_dir`: paths by page and tab,
        e.g. `{"chapter/one": {"pytorch": "pytorch/chapter/one.ipynb"}}`.
        """
        self._changed = self._pages.finish()
        # Until it is done, it is unknown which pages match their sections.
        self._pages.made.html = {}
        self._pages.made.save()
        self._sphinx.begin(self._changed, downloads or {})
        self._begun = True

    def finish(self) -> SiteResult:
        """Make the pages and put them in place.

        Sphinx reports a warning only when it reads the page that causes it. The next
        build therefore reads the pages with warnings again: a warning does not go
        away by building twice.

        Raises:
            SiteError: a page cannot be built, or Sphinx has something to complain
                about and `warning_is_error` is set; every finding is in the text.
        """
        if not self._begun:
            self.begin_html()
        pages = self._pages
        findings = [self._in_tab(one) for one in self._sphinx.wait()]
        if findings and pages.warning_is_error:
            raise SiteError(_report(findings))
        put_in_place(pages.html)
        pages.made.html = pages.without(one.path for one in findings)
        pages.made.save()
        return SiteResult(
            pages.html.html_dir,
            len(pages.sections),
            tuple(self._changed),
            tuple(findings),
            time.monotonic() - self._began,
        )

    def put_in_place(self) -> None:
        """Put in place what was written to `downloads_dir` since `finish`."""
        put_in_place(self._pages.html)

    def _in_tab(self, finding: SiteFinding) -> SiteFinding:
        if finding.line is None:
            return finding
        tab = self._pages.tab_at(finding.path, finding.line)
        return replace(finding, tab=tab)


def build_site(
    root: Path,
    tabs: Sequence[str],
    notebooks: Mapping[str, Mapping[str, NotebookNode | None]],
    *,
    verbose: bool = False,
) -> SiteResult:
    """Build the site at once from `notebooks[tab]["chapter/section.md"]`."""
    config = load(root.resolve(), tabs)
    with SiteBuild(root, tabs, verbose) as site:
        for path in section_files(config):
            ran = {tab: notebooks[tab].get(str(path)) for tab in tabs}
            site.add(read_section(config, path), ran)
        return site.finish()


def _report(findings: Sequence[SiteFinding]) -> str:
    lines = [str(finding) for finding in findings]
    noun = "problem" if len(lines) == 1 else "problems"
    lines.append(
        f"The site has {len(lines)} {noun}; correct the sources and build it again."
    )
    return "\n".join(lines)
