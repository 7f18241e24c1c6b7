"""The section's own cells, run in a tab's own interpreter on every case."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from cases import BROKEN, CASES, Case

from bookkit.config import Config
from bookkit.source import notebook_of, parse_code, read_section

HERE = Path(__file__).parent
SECTION = PurePosixPath("chapter_computation/model-construction.md")
CLASSES = ("MLP", "NestMLP", "FixedHiddenMLP", "MySequential")
DRIVER_TIMEOUT_S = 180


@dataclass(frozen=True)
class Found:
    """What one tab made of every case."""

    tab: str
    _numbers: dict[str, np.ndarray]
    _facts: dict[str, Any]

    def facts(self, case: str) -> dict[str, Any]:
        """Return the facts of a case that ran."""
        facts: dict[str, Any] = self._facts[case]
        assert "error" not in facts, f"[{self.tab}] {case}\n{facts.get('error')}"
        return facts

    def numbers(self, case: str) -> dict[str, np.ndarray]:
        """Return the arrays of a case that ran."""
        self.facts(case)
        prefix = f"{case}/"
        return {
            key.removeprefix(prefix): value
            for key, value in self._numbers.items()
            if key.startswith(prefix)
        }


def needed_cells(book: Config, tab: str) -> list[str]:
    """Return the section's cells that import or define a class, in order."""
    notebook = notebook_of(read_section(book, SECTION), tab, book)
    cells, defined = [], set()
    for cell in notebook.cells:
        tree = parse_code(cell.source) if cell.cell_type == "code" else None
        body = tree.body if tree else []
        classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
        if classes or any(isinstance(n, ast.Import | ast.ImportFrom) for n in body):
            cells.append(cell.source)
        defined |= classes
    missing = [name for name in CLASSES if name not in defined]
    assert not missing, f"{SECTION} [{tab}]: no cell defines {', '.join(missing)}"
    return cells


def run_driver(book: Config, name: str, cells: list[str], folder: Path) -> None:
    """Give every case to the section's classes in the tab's own interpreter."""
    cases: dict[str, Case] = {**CASES, **BROKEN}
    tab = book.tab(name)
    (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    told = {name: case.description() for name, case in cases.items()}
    (folder / "cases.json").write_text(json.dumps(told), encoding="utf-8")
    arrays = {
        f"{name}/{key}": value
        for name, case in cases.items()
        for key, value in case.arrays().items()
    }
    np.savez(folder / "cases.npz", **arrays)
    files = [folder / "cells.json", folder / "cases.json", folder / "cases.npz"]
    adapter = HERE / "adapters" / f"{name}.py"
    assert adapter.exists(), f"tab {name} has no {adapter.relative_to(book.root)}"
    assert tab.python.exists(), f"tab {name} has no environment: run `make`"
    # On the CPU: a GPU may round products to TF32, 1000 times coarser
    hidden = {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(book.root)}
    done = subprocess.run(
        [tab.python, HERE / "driver.py", adapter, *files, folder],
        env={**os.environ, **hidden, **dict(tab.variables)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=DRIVER_TIMEOUT_S,
    )
    assert done.returncode == 0, f"[{name}] driver.py failed\n{done.stderr[-3000:]}"


def load_found(name: str, folder: Path) -> Found:
    """Read what the driver left in its folder."""
    with np.load(folder / "found.npz", allow_pickle=False) as found:
        numbers = dict(found)
    return Found(name, numbers, json.loads((folder / "found.json").read_text("utf-8")))
