"""One section: notebooks of its tabs into the reStructuredText that Sphinx reads.

Runs in a process of its own where there are several; d2lbook does the merging
and the conversion, and each product appears whole or not at all.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bookkit.book import d2lbook
from bookkit.errors import SiteError
from bookkit.files import write_whole
from bookkit.kernels.prefork.server.lifetime import die_with_parent
from bookkit.site.priority import lower_priority


@dataclass(frozen=True)
class Conversion:
    """One section to convert; paths are relative to `root`."""

    root: Path
    section: str
    tabs: tuple[str, ...]
    staged: tuple[Path, ...]
    merged: Path
    rst: Path
    verbose: bool = False


def convert(job: Conversion) -> None:
    """Merge the tabs of a section and convert the result.

    Changes the working directory and standard output while it runs.

    Raises:
        SiteError: d2lbook gave up; its own messages are in the text.
    """
    with contextlib.chdir(job.root), pandoc_in_path(), quiet(job.verbose) as messages:
        try:
            _convert(job)
        except (Exception, SystemExit) as error:
            said = "\n".join([*messages(), f"{type(error).__name__}: {error}"])
            raise SiteError(
                f"{job.section}: d2lbook could not turn it into a page:\n{said}"
            ) from None


def _convert(job: Conversion) -> None:
    from bookkit.book.d2lbook.build import ipynb2rst
    from bookkit.site.pandoc_process import one_pandoc

    with d2lbook.unvalidated(), one_pandoc():
        if len(job.tabs) > 1:
            _merge(job)
        job.rst.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=job.rst.parent, prefix=".part-") as folder:
            made = Path(folder, job.rst.name)
            ipynb2rst(str(job.merged), str(made))
            # The page comes last: whoever sees it sees its pictures.
            for path in sorted(Path(folder).iterdir(), key=lambda one: one == made):
                path.replace(job.rst.parent / path.name)


def _merge(job: Conversion) -> None:
    import nbformat

    paths = [path for path in job.staged if path.stat().st_size]
    read = [nbformat.read(path, as_version=4) for path in paths]  # type: ignore[no-untyped-call]
    merged = read[0]
    if len(read) > 1:
        merged = d2lbook.merge(read, job.tabs)
    write_whole(job.merged, str(nbformat.writes(merged)))  # type: ignore[no-untyped-call]


def get_ready() -> None:
    """Import in one worker what the first section needs; others may not be needed."""
    import nbconvert.filters  # noqa: F401


def become_worker(owner: int) -> None:
    """Start a worker process: it ends with its owner, which alone handles Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(owner)
    lower_priority()


@contextlib.contextmanager
def pandoc_in_path() -> Iterator[None]:
    """Let nbconvert find the pandoc that comes with pypandoc."""
    import pypandoc  # type: ignore[import-untyped]

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
def quiet(verbose: bool) -> Iterator[_Messages]:
    """Keep d2lbook's log, prints and warnings off the terminal, and return them."""
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
