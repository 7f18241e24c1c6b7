"""The sections' own cells, run in a tab's own interpreter on every case."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from bookkit.book.config import Config
from bookkit.book.source import notebook_of, read_section
from bookkit.book.syntax import parse_code

HERE = Path(__file__).parent
CHAPTER = PurePosixPath("chapter_computation")
#: Section -> what its cells must define; one of several names is enough.
DEFINED = {
    "model-construction": ("MLP", "NestMLP", "FixedHiddenMLP", "MySequential"),
    "parameters": (),
    "custom-layer": ("CenteredLayer", "MyLinear MyDense"),
    "read-write": ("MLP",),
}
#: The cell that assigns this makes the network of tied layers.
TIED = "shared"
DRIVER_TIMEOUT_S = 600
#: Cells above the tied layers with one of these train or draw, and define nothing.
COSTLY = ("d2l.train(", "d2l.accuracy(", "signal(", "d2l.subplots(", "losses")


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

    def drawn(self, rule: str) -> tuple[np.ndarray, np.ndarray]:
        """Return weight (in, out) and bias of the layer that a rule initialised."""
        prefix = f"init {rule}"
        return self._numbers[f"{prefix}/weight"], self._numbers[f"{prefix}/bias"]

    def numbers(self, case: str) -> dict[str, np.ndarray]:
        """Return the arrays of a case that ran."""
        self.facts(case)
        prefix = f"{case}/"
        return {
            key.removeprefix(prefix): value
            for key, value in self._numbers.items()
            if key.startswith(prefix)
        }


Cells = dict[str, dict[str, Any]]


def needed_cells(book: Config, tab: str) -> Cells:
    """Return section -> the cells it is set up with, and the one that ties layers."""
    return {name: _cells_of(book, tab, name) for name in DEFINED}


def _cells_of(book: Config, tab: str, name: str) -> dict[str, Any]:
    """Return imports and the classes asked for, or what tied layers have above them."""
    path = CHAPTER / f"{name}.md"
    sources = [
        cell.source
        for cell in notebook_of(read_section(book, path), tab, book).cells
        if cell.cell_type == "code" and "raise NotImplementedError" not in cell.source
    ]
    for at, source in enumerate(sources):
        if TIED in _names(source, ast.Assign) and name == "parameters":
            above = [one for one in sources[:at] if not any(w in one for w in COSTLY)]
            return {"setup": above, "tied": source}
    setup, defined = [], set()
    wanted = {one for names in DEFINED[name] for one in names.split()}
    for source in sources:
        classes = _names(source, ast.ClassDef) & wanted
        if classes or _names(source, ast.Import) or _names(source, ast.ImportFrom):
            setup.append(source)
        defined |= classes
    missing = [one for one in DEFINED[name] if not defined & set(one.split())]
    assert not missing, f"{path} [{tab}]: no cell defines {', '.join(missing)}"
    assert name != "parameters", f"{path} [{tab}]: no cell assigns {TIED}"
    return {"setup": setup, "tied": None}


def _names(source: str, kind: type[ast.stmt]) -> set[str]:
    """Name what the statements of a kind at a cell's top level define."""
    tree, found = parse_code(source), set()
    for node in tree.body if tree else []:
        if isinstance(node, kind):
            if isinstance(node, ast.Assign):
                found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
            elif isinstance(node, ast.ClassDef):
                found.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found |= {alias.name for alias in node.names}
    return found


def run_driver(book: Config, name: str, cells: Cells, folder: Path) -> None:
    """Give every case to the sections' classes in the tab's own interpreter."""
    tab = book.tab(name)
    (folder / "cells.json").write_text(json.dumps(cells), encoding="utf-8")
    assert tab.python.exists(), f"tab {name} has no environment: run `make`"
    # On the CPU: a GPU may round products to TF32, 1000 times coarser
    path = os.pathsep.join([str(book.root), str(HERE.parent)])
    hidden = {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": path}
    done = subprocess.run(
        [tab.python, HERE / "driver.py", name, folder],
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
