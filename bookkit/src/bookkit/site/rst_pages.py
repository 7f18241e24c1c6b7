"""Drive d2lbook from notebooks to the reStructuredText that Sphinx reads."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pypandoc  # type: ignore[import-untyped]
from nbformat import NotebookNode

from bookkit.errors import SiteError
from bookkit.site.staging import remove_stale, stage_notebooks
from bookkit.site.state import completed, stamp_of

with warnings.catch_warnings():
    # d2lbook's regular expressions use escapes that newer Pythons warn about.
    warnings.simplefilter("ignore")
    from d2lbook.build import Builder
    from d2lbook.config import Config


@dataclass(frozen=True)
class RstPages:
    """The input of Sphinx, and where its output goes."""

    root: Path
    rst_dir: Path
    html_dir: Path
    build_dir: Path
    sections: tuple[str, ...]
    warning_is_error: bool
    stamp: dict[str, object]


class _SiteBuilder(Builder):  # type: ignore[misc]
    """d2lbook's builder without the steps that bookkit does itself."""

    def eval(self) -> None:
        """Do nothing: the notebooks are executed and staged already."""

    def sections(self) -> list[str]:
        found, _, _ = self._find_md_files()
        return sorted(
            Path(os.path.relpath(path, self.config.src_dir)).as_posix()
            for path in found
        )


def write_rst(
    root: Path,
    tabs: Sequence[str],
    notebooks: Mapping[str, Mapping[str, NotebookNode | None]],
    *,
    verbose: bool,
) -> RstPages:
    """Stage the notebooks and let d2lbook merge and convert them.

    Raises:
        SiteError: d2lbook gave up; its own messages are in the text.
    """
    with contextlib.chdir(root), _pandoc_in_path(), _quiet(verbose) as messages:
        try:
            return _write_rst(root, tabs, notebooks)
        except (Exception, SystemExit) as error:
            if isinstance(error, SiteError):
                raise
            said = "\n".join([*messages(), f"{type(error).__name__}: {error}"])
            raise SiteError(
                f"{root}: d2lbook could not turn the notebooks into pages:\n{said}"
            ) from error


def _write_rst(
    root: Path,
    tabs: Sequence[str],
    notebooks: Mapping[str, Mapping[str, NotebookNode | None]],
) -> RstPages:
    config, eval_dirs = _configure(tabs)
    builder = _SiteBuilder(config)
    pages = RstPages(
        root=root,
        rst_dir=root / config.rst_dir,
        html_dir=root / config.html_dir,
        build_dir=root / config.tgt_dir,
        sections=tuple(builder.sections()),
        warning_is_error=config.build["warning_is_error"].lower() == "true",
        stamp=stamp_of(tabs, root / "config.ini"),
    )
    merged = root / config.eval_dir
    with completed(pages.build_dir / ".rst-stamp", pages.stamp) as fresh:
        if not fresh:
            shutil.rmtree(pages.rst_dir, ignore_errors=True)
            if len(tabs) > 1:
                shutil.rmtree(merged, ignore_errors=True)
        stage_notebooks(root, eval_dirs, pages.sections, notebooks)
        remove_stale(merged, ".ipynb", pages.sections)
        builder.rst()
        if not config.build["rsts"]:
            remove_stale(pages.rst_dir, ".rst", pages.sections)
    return pages


def _configure(tabs: Sequence[str]) -> tuple[Config, dict[str, Path]]:
    """Return d2lbook's configuration limited to `tabs`, and each tab's folder."""
    config = Config()
    unknown = [tab for tab in tabs if tab not in config.tabs]
    if unknown:
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


@contextlib.contextmanager
def _pandoc_in_path() -> Iterator[None]:
    """Let nbconvert find the pandoc that comes with pypandoc."""
    before = os.environ.get("PATH", "")
    folder = os.path.dirname(pypandoc.get_pandoc_path())
    os.environ["PATH"] = os.pathsep.join(filter(None, [folder, before]))
    try:
        yield
    finally:
        os.environ["PATH"] = before


class _Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __call__(self) -> list[str]:
        return self.lines


@contextlib.contextmanager
def _quiet(verbose: bool) -> Iterator[_Messages]:
    """Keep d2lbook's log, prints and warnings from the terminal, but at hand."""
    messages = _Messages()
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    with contextlib.ExitStack() as stack:
        if verbose:
            logging.basicConfig(format="%(message)s")
            logger.setLevel(logging.INFO)
            logger.addHandler(messages)
        else:
            logger.handlers = [messages]
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
        try:
            yield messages
        finally:
            logger.handlers = handlers
            logger.setLevel(level)
