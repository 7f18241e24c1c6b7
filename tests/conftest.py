"""What every layer of tests shares: the book, the tabs asked for, real kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kernels import Kernel

from bookkit import config as configuration
from bookkit.environments import environment_of

ROOT = Path(__file__).resolve().parents[1]


def selected_tabs() -> list[str]:
    """Return the tabs of `TABS`, or all of the book's."""
    names = os.environ.get("TABS", "").replace(",", " ").split()
    return [tab.name for tab in configuration.load(ROOT, names).tabs]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `tab` once for each selected tab."""
    if "tab" in metafunc.fixturenames:
        metafunc.parametrize("tab", selected_tabs(), scope="session")


@pytest.fixture(scope="session")
def book() -> configuration.Config:
    """Return the configuration of this book with the selected tabs."""
    return configuration.load(ROOT, selected_tabs())


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
