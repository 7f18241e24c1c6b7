"""The reStructuredText that Sphinx reads: which sections to convert, and the rest."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path, PurePosixPath

from nbformat import NotebookNode

from bookkit.book.config import load
from bookkit.book.d2lbook.build import Config, find_files
from bookkit.book.inputs import section_files
from bookkit.book.links import dark_of, image_paths
from bookkit.errors import SiteError
from bookkit.files import digest, write_whole
from bookkit.site.convert import Conversion, become_worker, convert, get_ready, quiet
from bookkit.site.defaults import conf_text
from bookkit.site.html_pages import HtmlPages
from bookkit.site.run_facts import facts_text, write_facts
from bookkit.site.staging import remove_stale, stage_notebooks, staged_texts
from bookkit.site.state import Made, stamp_of
from bookkit.site.trees import copy_over

MADE_NAME = "site-made.json"
_MOST_WORKERS = 8


class RstPages:
    """Sphinx's input, converted section by section in worker processes."""

    def __init__(self, root: Path, tabs: Sequence[str], *, verbose: bool) -> None:
        self.root, self.tabs, self._verbose = root, tuple(tabs), verbose
        with contextlib.chdir(root), quiet(verbose):
            self._config, self._eval_dirs = _configure(tabs)
        book = load(root)
        self.sections = tuple(map(str, section_files(book)))
        config = self._config
        self.warning_is_error = book.pages.warning_is_error
        self.html = HtmlPages(
            root=root,
            rst_dir=root / config.rst_dir,
            html_dir=root / config.html_dir,
            build_dir=root / config.tgt_dir,
            tabs=self.tabs,
        )
        bibliography = root / config.pdf["bibfile"] if config.pdf["bibfile"] else root
        stamp = stamp_of(tabs, [root / "config.ini", bibliography])
        self.made = Made.read(self.html.build_dir / MADE_NAME, stamp)
        if not self.made.rst:
            shutil.rmtree(self.html.rst_dir, ignore_errors=True)
        self._surround()
        self.digests: dict[str, str] = {}
        self._running: dict[str, Future[None]] = {}
        self._pool = ProcessPoolExecutor(
            min(os.cpu_count() or 1, _MOST_WORKERS),
            mp_context=get_context("fork"),
            initializer=become_worker,
            initargs=(os.getpid(),),
        )
        # All of them are forked now, before this process has threads.
        self._pool.submit(get_ready)

    def add(self, section: str, notebooks: Mapping[str, NotebookNode | None]) -> None:
        """Convert a section in the background if its input has changed."""
        if section not in self.sections:
            return
        texts = staged_texts(self.root, list(self.tabs), section, notebooks)
        facts = facts_text(self.tabs, notebooks)
        write_facts(self.html.facts_dir, section, facts)
        now = digest(self._images(section), [self.made.stamp, facts, *texts.values()])
        self.digests[section] = now
        job = self._job(section)
        if self.made.rst.get(section) == self._fingerprint(section):
            return
        self.made.rst.pop(section, None)
        stage_notebooks(self._eval_dirs, section, texts)
        self._running[section] = self._pool.submit(convert, job)

    def finish(self) -> list[str]:
        """Wait for the conversions; return the sections that Sphinx has to read.

        Raises:
            SiteError: d2lbook gave up on a section; the others are done.
        """
        for section in self.sections:
            if section not in self.digests:
                self.add(section, {})
        problems = []
        for section, future in self._running.items():
            try:
                future.result()
                self.made.rst[section] = self._fingerprint(section)
            except SiteError as error:
                problems.append(str(error))
        self._remove_others()
        changed = [
            section
            for section in self.sections
            if self.made.html.get(section) != self.digests[section]
            or section in self._running
        ]
        self.made.save()
        if problems:
            raise SiteError("\n".join(problems))
        return changed

    def stop(self) -> None:
        """Start no more conversions, and wait for those that run."""
        # Python would wait for it as well, after closing what it waits with.
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _job(self, section: str) -> Conversion:
        path = Path(section)
        return Conversion(
            root=self.root,
            section=section,
            tabs=self.tabs,
            staged=tuple(
                (folder / path).with_suffix(".ipynb")
                for folder in self._eval_dirs.values()
            ),
            merged=self._relative(self._config.eval_dir, section, ".ipynb"),
            rst=self._relative(self._config.rst_dir, section, ".rst"),
            verbose=self._verbose,
        )

    def _relative(self, folder: str, section: str, suffix: str) -> Path:
        # d2lbook names pictures after this path: one that is the same everywhere
        inside = os.path.relpath(self.root / folder, self.root)
        return Path(inside, section).with_suffix(suffix)

    def _fingerprint(self, section: str) -> str:
        """Return a digest of a product and of what it was made from."""
        rst = self._relative(self._config.rst_dir, section, ".rst")
        return f"{self.digests[section]} {digest([self.root / rst])}"

    def _images(self, section: str) -> list[Path]:
        text = (self.root / section).read_text(encoding="utf-8", errors="replace")
        found = image_paths(PurePosixPath(section), text)
        return [self.root / path for path in [*found, *map(dark_of, found)]]

    def _remove_others(self) -> None:
        """Delete the products of sections that are no longer in the book."""
        kept = set(self.sections)
        self.made.rst = {s: d for s, d in self.made.rst.items() if s in kept}
        for folder in (*self._eval_dirs.values(), self.root / self._config.eval_dir):
            remove_stale(folder, ".ipynb", self.sections)
        remove_stale(self.html.facts_dir, ".json", self.sections)
        if not self._config.build["rsts"]:
            remove_stale(self.html.rst_dir, ".rst", self.sections)

    def _surround(self) -> None:
        """Write Sphinx's configuration, and copy what pages need beside them."""
        with contextlib.chdir(self.root), quiet(self._verbose):
            config = self._config
            text = conf_text(load(self.root))
            write_whole(self.html.rst_dir / "conf.py", text)
            for key in ("rsts", "resources"):
                for name in find_files(config.build[key], config.src_dir):
                    relative = os.path.relpath(name, config.src_dir)
                    copy_over(Path(name), self.html.rst_dir / relative)


def _configure(tabs: Sequence[str]) -> tuple[Config, dict[str, Path]]:
    """Return d2lbook's configuration limited to `tabs`, and each tab's folder."""
    config = Config()
    unknown = [tab for tab in tabs if tab not in config.tabs]
    if unknown and config.tabs:  # a book that names no tab has one of ours
        raise SiteError(
            f"config.ini: [build] tabs has no {', '.join(unknown)}; expected some of "
            f"{', '.join(config.tabs)}."
        )
    config.tabs = list(tabs)
    config.default_tab = tabs[0]
    eval_dirs = {}
    for tab in tabs:
        config.set_tab(tab)
        eval_dirs[tab] = Path(config.eval_dir).absolute()
    config.set_tab("all" if len(tabs) > 1 else tabs[0])
    return config, eval_dirs
