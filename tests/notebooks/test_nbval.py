"""nbval goes red when an output is not what the code gives."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
import pytest
from bookkit.config import Config

NBVAL_TIMEOUT_S = 300


@pytest.fixture(scope="module")
def notebook(notebooks: Mapping[str, Mapping[PurePosixPath, Any]], book: Config) -> Any:
    """Return the first notebook of the first tab that shows a value."""
    tab = book.tabs[0]
    for found in notebooks[tab.name].values():
        if values(found):
            chosen = copy.deepcopy(found)
            chosen.metadata.kernelspec["name"] = tab.kernel
            return chosen
    raise AssertionError(f"no notebook of {tab.name} shows a value")


def values(notebook: Any) -> list[tuple[int, Any]]:
    """List the code cells that end in a value, numbered as nbval does."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [
        (number, cell)
        for number, cell in enumerate(code)
        if any(output.output_type == "execute_result" for output in cell.outputs)
        and not cell.metadata.get("tags")
    ]


def change(cell: Any) -> None:
    """Alter one character of what the cell shows."""
    (shown,) = (o for o in cell.outputs if o.output_type == "execute_result")
    shown.data["text/plain"] += "1"


def remove(cell: Any) -> None:
    """Lose the output, as a cell that was never run."""
    cell.outputs = []


def add(cell: Any) -> None:
    """Show something the cell never printed."""
    cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text="1\n"))


def validate(book: Config, path: Path, notebook: Any) -> tuple[int, str]:
    """Run nbval as `make nbval` does; return its exit code and what it printed."""
    nbformat.write(notebook, path)
    options = ["-n", "0", "-v", "--color", "no"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-cell-timeout", "120"]
        + ["-c", "pyproject.toml", *options, str(path)],
        cwd=book.root,
        capture_output=True,
        text=True,
        timeout=NBVAL_TIMEOUT_S,
    )
    return done.returncode, done.stdout + done.stderr


def test_when_nothing_is_altered_then_nbval_passes_every_cell(
    book: Config, notebook: Any, tmp_path: Path
) -> None:
    code, printed = validate(book, tmp_path / "whole.ipynb", notebook)
    num_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    assert code == 0, printed
    assert f"{num_cells} passed" in printed, printed


@pytest.mark.parametrize("alter", [change, remove, add])
def test_when_an_output_is_altered_then_nbval_names_the_cell(
    book: Config, notebook: Any, tmp_path: Path, alter: Callable[[Any], None]
) -> None:
    altered = copy.deepcopy(notebook)
    number, cell = values(altered)[-1]
    alter(cell)
    code, printed = validate(book, tmp_path / "altered.ipynb", altered)
    num_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    assert code == 1, printed
    assert f"altered.ipynb::Cell {number} FAILED" in printed, printed
    assert f"1 failed, {num_cells - 1} passed" in printed, printed
