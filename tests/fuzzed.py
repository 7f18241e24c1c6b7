"""What a build makes of any book, in this process, from its text to its pages.

It succeeds, or says what is wrong in words of ours; see `Book.build`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from sphinx import application
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace

from bookkit.book import last_good
from bookkit.book.config import Config, load
from bookkit.book.judge import judge
from bookkit.book.source import Section
from bookkit.check import examine_book
from bookkit.errors import BookkitError
from bookkit.library.write import build_library
from bookkit.publish.downloads import Downloads, offered
from bookkit.publish.notebooks import write_notebooks
from bookkit.run.plan import Job, executed_notebooks, plan
from bookkit.run.results import CellResult, Result, Status
from bookkit.site.book_project import BookProject, read_only
from bookkit.site.extension.base import settings
from bookkit.site.html_pages import put_in_place
from bookkit.site.pages import Pages
from bookkit.site.sphinx_warnings import read_findings

#: What only a bug of ours has a page say.
BUGS = re.compile(
    r"cannot be made a page of|Traceback|Handler <|extension error|exception:", re.I
)
#: What stands at the beginning of a message about a file.
_PLACE = re.compile(r"\S.*?\.(md|ini|txt|bib|py)\b|\[bookkit|--tabs|\d+ error")


class Unexpected(AssertionError):
    """Neither success nor an error of ours."""


@dataclass
class Book:
    """One folder whose files are others each time, and one Sphinx that reads them."""

    root: Path
    files: Mapping[str, str | bytes]
    _app: Any = None
    _namespace: Any = None
    _config_text: Any = None
    _log: io.StringIO = field(default_factory=io.StringIO)

    def build(
        self,
        files: Mapping[str, str | bytes],
        outputs: Sequence[Mapping[str, Any]] = (),
    ) -> str:
        """Build the book with these files in place of its own; return what was said.

        `outputs` are what the first cell of each notebook gave.

        Raises:
            Unexpected: it ended otherwise than it may, or wrote outside of its folder.
        """
        self._write({**self.files, **files})
        with _only_below(self.root), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return self._build(outputs)
            except BookkitError as error:
                said = str(error)
                if not _PLACE.match(said) or BUGS.search(said):
                    raise Unexpected(f"no place: {said}") from error
                return said

    def close(self) -> None:
        """Let go of Sphinx."""
        if self._app is not None:
            self._namespace.__exit__(None, None, None)
            self._app = None

    def _write(self, files: Mapping[str, str | bytes]) -> None:
        for path in self.root.rglob("*.md"):
            name = path.relative_to(self.root)
            if name.parts[0] != "_build" and str(name) not in files:
                path.unlink()
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = content if isinstance(content, bytes) else content.encode()
            if not path.is_file() or path.read_bytes() != raw:
                path.write_bytes(raw)

    def _build(self, outputs: Sequence[Mapping[str, Any]]) -> str:
        config = load(self.root)
        findings, sections = examine_book(config)
        verdict = judge(config, findings)
        unread = last_good.problems_of(sections)
        said = "\n".join(map(str, verdict.errors))
        if any(one.path not in unread for one in verdict.errors):
            return said
        build_library(config, sections=sections)
        jobs = plan(config, sections, installed=False, gpus=[])
        ran = executed_notebooks(
            config, sections, [_result(job, outputs) for job in jobs]
        )
        return said + self._pages(config, sections, ran)

    def _pages(
        self,
        config: Config,
        sections: Sequence[Section],
        ran: dict[str, dict[str, Any]],
    ) -> str:
        pages = Pages(config)
        for section in sections:
            name = str(section.path)
            pages.add(section, {tab.name: ran[tab.name][name] for tab in config.tabs})
        changed = pages.finish()
        downloads = offered(config, sections, ran)
        taker = Downloads(config, pages.html.made_dir / "_notebooks")
        folder = config.output / "notebooks"
        write_notebooks(config, sections, ran, folder, taker=taker)
        told = self._sphinx(config, pages, changed, downloads)
        put_in_place(pages.html)
        return told

    def _sphinx(
        self, config: Config, pages: Pages, changed: list[str], downloads: Any
    ) -> str:
        where = pages.html
        notes = {"changed": [one.removesuffix(".md") for one in changed]}
        for name, content in {**notes, "downloads": downloads}.items():
            (where.build_dir / f"sphinx-{name}.json").write_text(json.dumps(content))
        # What Sphinx reads when it begins: another one needs another Sphinx
        begun = [where.conf_dir / "conf.py", *self.root.glob("*.*[!d]")]
        text = [one.read_bytes() for one in sorted(begun)]
        try:
            if self._app is None or text != self._config_text:
                self._begin(pages)
                self._config_text = text
            read_only(self._app, where.names)
            self._app.build()
        except SphinxError as error:
            # The process ends with it, and its owner tells it
            if BUGS.search(said := f"{type(error).__name__}: {error}"):
                raise Unexpected(said) from error
            self.close()
            return said
        said = self._log.getvalue()
        self._log.seek(0)
        self._log.truncate()
        if BUGS.search(said):
            raise Unexpected(said)
        (where.build_dir / "warnings.txt").write_text(said, encoding="utf-8")
        findings = read_findings(where.build_dir / "warnings.txt", self.root)
        return "\n".join(map(str, findings))

    def _begin(self, pages: Pages) -> None:
        self.close()
        where = pages.html
        settings._read.cache_clear()
        nocolor()
        self._namespace = docutils_namespace()
        self._namespace.__enter__()
        overrides = {
            "bookkit_tabs": ",".join(where.tabs),
            "bookkit_facts": str(where.facts_dir),
            "bookkit_pages": str(where.pages_dir),
            "bookkit_changed": str(where.build_dir / "sphinx-changed.json"),
            "bookkit_downloads": str(where.build_dir / "sphinx-downloads.json"),
        }
        # As `run_sphinx_build` does, but other Sphinxes of this process keep theirs
        with mock.patch.object(application, "Project", BookProject):
            self._app = Sphinx(
                *(where.root, where.conf_dir, where.made_dir),
                *(where.build_dir / "doctrees", "html"),
                confoverrides=overrides,
                status=None,
                warning=self._log,
                freshenv=True,
            )
        self._app.builder.config.bookkit_tabs = list(where.tabs)


def _result(job: Job, outputs: Sequence[Mapping[str, Any]]) -> Result:
    """Return what a run would leave whose first cell gave some outputs."""
    cells = [CellResult(at, [], 0.1) for at, _ in enumerate(job.parts.cells, 1)]
    cells[0] = CellResult(1, [dict(one) for one in outputs], 0.1)
    section, tab = job.name
    versions = {"lib": "1.0", "python": "3.11"}
    return Result(section, tab, Status.PASSED, cells, 1.0, versions, date="2026-01-31")


_WATCHED: list[Path] = []
_OUTSIDE: list[str] = []
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.symlink", "os.link")
_PROGRAMS = ("os.system", "os.exec", "os.posix_spawn")


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    """Take down what is written outside of the watched folder, and what is started."""
    if not _WATCHED:
        return
    if event == "open":
        path, _, flags = arguments
        changes = isinstance(flags, int) and flags & _WRITES
        names = [path] if changes and not isinstance(path, int) else []
    elif event in _CHANGES or event == "shutil.rmtree":
        # Relative to an open folder: of `rmtree`, which tells of its own
        names = [one for one in arguments[:2] if isinstance(one, (str, bytes, Path))]
        names = [one for one in names if os.path.isabs(one) or arguments[-1] == -1]
    else:
        if event in _PROGRAMS or event == "subprocess.Popen":
            _OUTSIDE.append(f"{event} {arguments[0]!r}")
        return
    for name in names:
        full = os.path.realpath(os.fsdecode(name))
        if not full.startswith(f"{_WATCHED[-1]}{os.sep}") and full != os.devnull:
            _OUTSIDE.append(f"{event} {full}")


@contextlib.contextmanager
def _only_below(root: Path) -> Iterator[None]:
    """See to it that nothing is written outside of a folder."""
    if not getattr(_only_below, "hooked", False):
        sys.addaudithook(_note)
        _only_below.hooked = True  # type: ignore[attr-defined]
    _OUTSIDE.clear()
    _WATCHED.append(root.resolve())
    try:
        yield
    finally:
        _WATCHED.pop()
    outside = [one for one in _OUTSIDE if not one.endswith(".pyc")]
    if outside := [one for one in outside if "__pycache__" not in one]:
        raise Unexpected(f"outside of the book: {outside}")
