"""What every layer of tests shares: the book, the tabs asked for, real kernels."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from kernels import WATCHED, Kernel
from xdist.scheduler import LoadFileScheduling

from bookkit.book import config as configuration
from bookkit.book.source import notebook_of, read_book, read_section
from bookkit.kernels import kernelspecs
from bookkit.kernels.environments import environment_of
from bookkit.run import committed
from bookkit.run.plan import plan
from bookkit.run.results import Result

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Let tests, and what they start, find the kernels of the book."""
    kernelspecs.find_in(configuration.load(ROOT))


def selected_tabs() -> list[str]:
    """Return the tabs of `TABS`, or all of the book's."""
    names = os.environ.get("TABS", "").replace(",", " ").split()
    return [tab.name for tab in configuration.load(ROOT, names).tabs]


def unavailable_tabs() -> dict[str, str]:
    """Return the selected tabs that this machine cannot have, and why."""
    book = configuration.load(ROOT, selected_tabs())
    reasons = {tab.name: environment_of(tab).unavailable() for tab in book.tabs}
    return {tab: reason for tab, reason in reasons.items() if reason}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `tab` once for each selected tab, where it can run."""
    if "tab" in metafunc.fixturenames:
        left = unavailable_tabs()
        skip = {tab: pytest.mark.skip(reason=f"{tab}: {left[tab]}") for tab in left}
        tabs = [
            pytest.param(tab, marks=skip[tab]) if tab in skip else tab
            for tab in selected_tabs()
        ]
        metafunc.parametrize("tab", tabs, scope="session")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say of which tabs only committed results were there."""
    left = unavailable_tabs()
    if not left:
        return
    book = configuration.load(ROOT, list(left))
    found = [committed.take(book, job) for job in plan(book, read_book(book))]
    results = [one for one in found if isinstance(one, Result)]
    terminalreporter.section("not run on this machine")
    for line in committed.describe(book, results):
        terminalreporter.write_line(line)
    if len(results) < len(found):
        terminalreporter.write_line(
            f"{len(found) - len(results)} results are missing: bookkit check"
        )


class _BySectionAndTab(LoadFileScheduling):
    """Keeps a file's tests together, but those of a section and tab by themselves.

    The claims and the answers of one notebook share the kernel that ran it;
    in one process they would be the longest part of the proof.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if Path(file).parent.name in ("claims", "exercises") and "[" in test:
            return test[test.index("[") :]
        return file


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Any
) -> LoadFileScheduling | None:
    """Take the place of `--dist loadfile`."""
    if config.getoption("dist") != "loadfile":
        return None
    return _BySectionAndTab(config, log)


@pytest.fixture(scope="session")
def book() -> configuration.Config:
    """Return the configuration of this book with the selected tabs."""
    return configuration.load(ROOT, selected_tabs())


@pytest.fixture(scope="session")
def available_tabs() -> list[str]:
    """Return the selected tabs that this machine can run."""
    left = unavailable_tabs()
    return [tab for tab in selected_tabs() if tab not in left]


@pytest.fixture(scope="session")
def start_kernel(
    book: configuration.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Kernel]]:
    """Return a function that starts a kernel of a tab in an empty folder."""
    kernels: list[Kernel] = []

    def start(tab: str) -> Kernel:
        state = environment_of(book.tab(tab)).state()
        assert state == "fresh", f"environment of {tab} is {state}: run `make`"
        kernel = Kernel(book.tab(tab).kernel, tmp_path_factory.mktemp(f"kernel_{tab}"))
        kernels.append(kernel)
        return kernel

    yield start
    for kernel in kernels:
        kernel.stop()


@pytest.fixture(scope="session")
def ran(
    book: configuration.Config, start_kernel: Callable[[str], Kernel]
) -> Callable[[str, str], Kernel]:
    """Return a function: a kernel in which a section's whole notebook has run.

    The last one is kept, so tests of the same section and tab share it.
    """
    last: dict[tuple[str, str], Kernel] = {}

    def run(section: str, tab: str) -> Kernel:
        if (section, tab) not in last:
            for kernel in last.values():
                kernel.stop()
            last.clear()
            path = PurePosixPath(section)
            notebook = notebook_of(read_section(book, path), tab, book)
            kernel = start_kernel(tab)
            kernel.run(WATCHED)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    kernel.run(cell.source)
            last[section, tab] = kernel
        return last[section, tab]

    return run
