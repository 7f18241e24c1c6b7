"""Build the book's web site: the only caller of d2lbook's builder for HTML.

`build_site` owns the way from executed notebooks to pages. It executes nothing
and checks no source; what the pages look like is `bookkit.site.extension`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from bookkit.errors import SiteError
from bookkit.site.findings import SiteFinding
from bookkit.site.html_pages import run_sphinx
from bookkit.site.rst_pages import write_rst

__all__ = ["SiteFinding", "SiteResult", "build_site"]


@dataclass(frozen=True)
class SiteResult:
    """What one build of the site left behind."""

    html_dir: Path
    pages: int
    """Number of sections and chapter pages, without search and index pages."""
    warnings: tuple[SiteFinding, ...]
    """Only where `config.ini` lets a build with warnings pass."""
    seconds: float


def build_site(
    root: Path,
    tabs: Sequence[str],
    notebooks: Mapping[str, Mapping[str, NotebookNode | None]],
    *,
    verbose: bool = False,
) -> SiteResult:
    """Build `_build/html` of the book in `root` from executed notebooks.

    Changes the working directory and standard output while it runs, because
    d2lbook uses both: call it from one thread at a time.

    Args:
        root: the folder that holds `config.ini`.
        tabs: the tabs to show; the first one is what a new reader sees.
        notebooks: `notebooks[tab]["chapter/section.md"]`, cells as
            `d2lbook.notebook.get_tab_notebook` leaves them; None where the
            section has no such tab.
        verbose: let d2lbook's and Sphinx's own messages through.

    Raises:
        SiteError: a page cannot be built, or Sphinx has something to complain
            about and `warning_is_error` is set; every finding is in the text.
    """
    start = time.monotonic()
    if not tabs:
        raise SiteError("No tab to build the site for: name at least one tab.")
    root = root.resolve()
    pages = write_rst(root, tabs, notebooks, verbose=verbose)
    findings = run_sphinx(pages, tabs, verbose=verbose)
    if findings and pages.warning_is_error:
        raise SiteError(_report(findings))
    return SiteResult(
        pages.html_dir,
        len(pages.sections),
        tuple(findings),
        time.monotonic() - start,
    )


def _report(findings: Sequence[SiteFinding]) -> str:
    lines = [str(finding) for finding in findings]
    noun = "problem" if len(lines) == 1 else "problems"
    lines.append(
        f"The site has {len(lines)} {noun}; correct the sources and build it again."
    )
    return "\n".join(lines)
