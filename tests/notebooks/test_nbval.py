"""nbval goes red when an output is not what the code gives."""

import copy
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
import pytest

from bookkit.book.config import Config
from bookkit.workflow.taking import NBVAL_RULES, write_rules

NBVAL_TIMEOUT_S = 300


@pytest.fixture(scope="module")
def notebook(
    notebooks: Mapping[str, Mapping[PurePosixPath, Any]],
    book: Config,
    available_tabs: list[str],
) -> Any:
    """Return the first notebook of the first tab that shows a value."""
    tab = book.tab(available_tabs[0])
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
    (shown,) = (o for o in cell.outputs if o.output_type == "execute_result")
    shown.data["text/plain"] += "1"


def remove(cell: Any) -> None:
    cell.outputs = []


def add(cell: Any) -> None:
    cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text="1\n"))


ALTERATIONS: tuple[Callable[[Any], None], ...] = (change, remove, add)


def validate(book: Config, folder: Path) -> tuple[int, str]:
    """Run nbval as `make nbval` does; return its exit code and what it printed."""
    nbval = ["--nbval", "--nbval-cell-timeout", "120"]
    write_rules(book, folder)
    nbval += ["--nbval-sanitize-with", str(folder / NBVAL_RULES)]
    settings = ["-c", "pyproject.toml", "--rootdir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *nbval, *settings]
        + ["-v", "--color", "no", str(folder)],
        cwd=book.root,
        capture_output=True,
        text=True,
        timeout=NBVAL_TIMEOUT_S,
    )
    return done.returncode, done.stdout + done.stderr


def test_when_nothing_is_altered_then_nbval_passes_every_cell(book, notebook, tmp_path):
    nbformat.write(notebook, tmp_path / "whole.ipynb")
    code, printed = validate(book, tmp_path)
    num_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    assert code == 0, printed
    assert f"{num_cells} passed" in printed, printed


def test_when_an_output_is_altered_then_nbval_names_the_cell(book, notebook, tmp_path):
    places = [0, len(values(notebook)) // 2, -1]
    wanted, num_cells = [], 0
    for place, alter in zip(places, ALTERATIONS, strict=True):
        altered = copy.deepcopy(notebook)
        number, cell = values(altered)[place]
        alter(cell)
        name = f"{alter.__name__}.ipynb"
        nbformat.write(altered, tmp_path / name)
        wanted.append(rf"^FAILED \S*{name}::Cell {number}\b")
        num_cells += sum(cell.cell_type == "code" for cell in altered.cells)
    code, printed = validate(book, tmp_path)
    assert code == 1, printed
    missed = [line for line in wanted if not re.search(line, printed, re.M)]
    assert missed == [], printed
    good = num_cells - len(wanted)
    assert f"{len(wanted)} failed, {good} passed" in printed, printed
