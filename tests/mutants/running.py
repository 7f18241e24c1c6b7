"""A section with a mutant, run in one tab, and what sees that it is not as it was."""

from __future__ import annotations

import functools
import inspect
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import test_claims
import test_parity
from cases import FINITE
from driving import DEFINED, load_found, needed_cells, run_driver
from kernels import WATCHED, Kernel, KernelError, wrong_shapes
from outputs import differences, shown
from tables import load_table, names_of
from test_parity import FIXED

from bookkit.book import config as configuration
from bookkit.book.config import Config
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import Section, notebook_of, read_book
from bookkit.errors import BookkitError
from bookkit.library.write import build_library
from bookkit.run.execute import Run
from bookkit.run.options import Options
from bookkit.run.plan import plan
from bookkit.run.results import lay_over

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = ROOT / "tests" / "claims"
_KERNEL_S = 120.0


def fails(test: Callable[..., Any], *given: Any) -> bool:
    """Tell whether a test fails with what it is given."""
    try:
        test(*given)
    except (AssertionError, KernelError):
        return True
    return False


@functools.cache
def shown_now(tab: str) -> dict[str, Any]:
    """Return what each section's cells show in a tab on this machine.

    Where outputs are approved on processors like this one, it is the same.
    """
    book = configuration.load(ROOT, [tab])
    jobs = plan(book, read_book(book))
    results = zip(
        jobs, Run(book, jobs, Options(keep_servers=True)).finish(), strict=True
    )
    return {
        result.section: shown(lay_over(result, job.notebook).cells)
        for job, result in results
    }


def cells_of(notebook: Any) -> list[Any]:
    """Return the code cells of a notebook."""
    return (
        [one for one in notebook.cells if one.cell_type == "code"] if notebook else []
    )


class Tab:
    """A section in one tab, run anew."""

    def __init__(self, book: Config, section: Section, tab: str) -> None:
        self._book, self._section, self._tab = book, section, tab
        self._count = len(cells_of(notebook_of(section, tab, book)))
        self._cells = cells_of(run_notebook_of(section, tab, book))

    def oracles(self) -> Iterator[str]:
        """Yield what sees it."""
        folders = tempfile.TemporaryDirectory(prefix="mutant-")
        with folders as folder:
            try:
                setup = self._setup()
            except BookkitError:
                yield "check: what is saved"
                return
            kernel = Kernel(self._book.tab(self._tab).kernel, Path(folder), _KERNEL_S)
            try:
                yield from self._outputs(kernel, setup)
            finally:
                kernel.stop()
        with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
            kernel = Kernel(self._book.tab(self._tab).kernel, Path(folder), _KERNEL_S)
            try:
                yield from self._claims(kernel, setup)
            finally:
                kernel.stop()
        yield from self._parity()

    def _setup(self) -> str:
        """Return code for a kernel; what cells save is imported from the copy."""
        if any("#@save" in one.source for one in self._section.code):
            build_library(self._book)
        copy = str(self._book.root)
        return f"__import__('sys').path.insert(0, {copy!r})\n{WATCHED}"

    def _outputs(self, kernel: Kernel, setup: str) -> Iterator[str]:
        kernel.run(setup)
        wanted = shown_now(self._tab)[str(self._section.path)]
        for cell, old in zip(self._cells, wanted, strict=True):
            try:
                found = kernel.outputs(cell.source)
            except (KernelError, TimeoutError):
                yield f"cells of {self._tab}: an error"
                return
            now = SimpleNamespace(
                cell_type="code", metadata=cell.metadata, outputs=found
            )
            if any(differences([old], shown([now]))):
                yield f"cells of {self._tab}: an output"
        if wrong_shapes(kernel, all_ran=True):
            yield f"cells of {self._tab}: a shape"

    def _claims(self, kernel: Kernel, setup: str) -> Iterator[str]:
        kernel.run(setup)
        for cell in self._cells[: self._count]:
            kernel.run(cell.source)
        path = str(self._section.path)
        holds = test_claims.test_when_notebook_ran_then_every_claim_holds
        for name in names_of(CLAIMS):
            table = load_table(CLAIMS, name)
            given = (lambda *_: kernel), name, path, table.CLAIMS, self._tab
            if path == table.SECTION and fails(holds, *given):
                yield f"claims of {self._tab}"

    def _parity(self) -> Iterator[str]:
        if self._section.path.stem not in DEFINED:
            return
        with tempfile.TemporaryDirectory(prefix="parity-") as name:
            folder, tab = Path(name), self._tab
            try:
                run_driver(self._book, tab, needed_cells(self._book, tab), folder)
            except AssertionError:
                yield f"parity of {tab}: it does not run"
                return
            found = load_found(tab, folder)
        words = {"tab": tab, "found_in": lambda _: found, "measured": lambda *_: None}
        for name, test in vars(test_parity).items():
            taken = [*inspect.signature(test).parameters] if name[:5] == "test_" else []
            cases = {
                "name": FIXED if "halved" in name or "constant" in name else FINITE
            }
            if {"tab", "name"} <= set(taken) <= {*words, *cases}:
                for case in cases["name"]:
                    given = {**words, "name": case}
                    if fails(test, *(given[one] for one in taken)):
                        yield f"parity of {tab}"
