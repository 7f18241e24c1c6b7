"""One run of the driver per tab, and the table that a parity run ends with."""

from __future__ import annotations

import fcntl
import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from comparing import TOLERANCE, Difference
from driving import Found, load_found, needed_cells, run_driver

from bookkit.book.config import Config

#: A property of a test's report, which reaches the terminal from any process.
_PROPERTY = "parity"
_REPORT = Path(__file__).resolve().parents[2] / "_build" / "parity.json"


@pytest.fixture(scope="session")
def found_in(
    book: Config, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Found]:
    """Return a function that runs a tab's classes, once for the whole session."""

    base = tmp_path_factory.getbasetemp()
    # Under xdist the processes share the folder above theirs, and one run.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    @functools.cache
    def run(tab: str) -> Found:
        folder = shared / f"parity_{tab}"
        folder.mkdir(exist_ok=True)
        with open(folder / "lock", "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                # What went wrong once is told to every test, and not tried again
                assert not (folder / "begun").exists(), f"[{tab}] the driver failed"
                (folder / "begun").touch()
                run_driver(book, tab, needed_cells(book, tab), folder)
                (folder / "done").touch()
        return load_found(tab, folder)

    return run


@pytest.fixture
def measured(
    request: pytest.FixtureRequest,
) -> Callable[[str, list[Difference]], None]:
    """Return a function that notes a tab's differences for the table."""

    def note(tab: str, found: list[Difference]) -> None:
        absolute = max(one.absolute for one in found)
        relative = max(one.relative for one in found)
        row = [found[0].case, tab, absolute, relative]
        request.node.user_properties.append((_PROPERTY, row))

    return note


def _measured(reports: list[Any]) -> dict[str, dict[str, dict[str, float]]]:
    """Collect case -> tab -> largest absolute and largest relative difference."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for report in reports:
        for name, row in getattr(report, "user_properties", []):
            if name == _PROPERTY:
                case, tab, absolute, relative = row
                differences = {"absolute": absolute, "relative": relative}
                table.setdefault(case, {})[tab] = differences
    return table


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table and leave it as JSON."""
    stats = terminalreporter.stats
    table = _measured([*stats.get("passed", []), *stats.get("failed", [])])
    if not table:
        return
    tabs = list(dict.fromkeys(tab for row in table.values() for tab in row))
    terminalreporter.section("largest difference from NumPy in float64")
    width = max(map(len, table))
    terminalreporter.write_line(" " * width + "".join(f"{tab:>12}" for tab in tabs))
    for case, row in table.items():
        numbers = (
            f"{row[tab]['absolute']:12.1e}" if tab in row else " " * 12 for tab in tabs
        )
        terminalreporter.write_line(f"{case:{width}}" + "".join(numbers))
    largest = max(one["relative"] for row in table.values() for one in row.values())
    terminalreporter.write_line(
        f"at most {largest:.1e} of an array's largest number; allowed {TOLERANCE:g}"
    )
    path = _REPORT
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"tolerance": TOLERANCE, "cases": table}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
