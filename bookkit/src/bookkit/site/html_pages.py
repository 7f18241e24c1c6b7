"""Run Sphinx over the converted pages with the interpreter that runs us."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bookkit.errors import SiteError
from bookkit.site.findings import SiteFinding, read_findings
from bookkit.site.rst_pages import RstPages
from bookkit.site.state import completed

_LAST_LINES = 30
_OWN_PAGES = {"genindex.html", "search.html", "py-modindex.html"}


class _Incomplete(Exception):
    """Keeps the stamp away, so that the next build reads everything again."""


def run_sphinx(
    pages: RstPages, tabs: Sequence[str], *, verbose: bool
) -> list[SiteFinding]:
    """Build the pages and return what Sphinx complained about.

    Sphinx reports a warning only when it reads the page that causes it. After a
    build with warnings the next one therefore starts afresh: a warning does not
    go away by building twice.

    Raises:
        SiteError: Sphinx itself failed.
    """
    findings: list[SiteFinding] = []
    try:
        with completed(pages.build_dir / ".html-stamp", pages.stamp) as fresh:
            findings = _run(pages, tabs, fresh=fresh, verbose=verbose)
            _remove_stale_pages(pages)
            if findings:
                raise _Incomplete
    except _Incomplete:
        pass
    return findings


def _run(
    pages: RstPages, tabs: Sequence[str], *, fresh: bool, verbose: bool
) -> list[SiteFinding]:
    warnings_file = pages.build_dir / "sphinx-warnings.txt"
    warnings_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "--keep-going"]
    command += ["-j", "auto", "-d", str(pages.build_dir / "doctrees")]
    command += ["-D", f"bookkit_tabs={','.join(tabs)}", "-w", str(warnings_file)]
    command += [] if fresh else ["-E", "-a"]
    command += ["--no-color", str(pages.rst_dir), str(pages.html_dir)]
    outcome = subprocess.run(
        command,
        cwd=pages.root,
        stdin=subprocess.DEVNULL,
        stdout=None if verbose else subprocess.PIPE,
        stderr=None if verbose else subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    findings = read_findings(warnings_file, pages.root, pages.rst_dir)
    if outcome.returncode != 0:
        last = "\n".join((outcome.stdout or "").splitlines()[-_LAST_LINES:])
        listed = "\n".join(str(finding) for finding in findings)
        raise SiteError(
            f"{pages.rst_dir}: Sphinx ended with exit code {outcome.returncode}.\n"
            f"{listed}\n{last}".rstrip()
        )
    return findings


def _remove_stale_pages(pages: RstPages) -> None:
    """Delete pages whose section is gone; Sphinx leaves them where they are."""
    for page in pages.html_dir.rglob("*.html"):
        relative = page.relative_to(pages.html_dir)
        is_own = relative.parts[0].startswith("_") or relative.name in _OWN_PAGES
        if not is_own and not _source(pages.rst_dir, relative).is_file():
            page.unlink()


def _source(rst_dir: Path, page: Path) -> Path:
    return (rst_dir / page).with_suffix(".rst")
