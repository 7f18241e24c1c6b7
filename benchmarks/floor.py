"""How near our execution comes to what no builder can avoid.

The floor: each framework is imported once, every cell takes its own seconds, and
both are spread over all cores without a gap. What cells take is measured with one
notebook at a time, as they slow each other down.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.books import copy_book
from benchmarks.processes import run
from benchmarks.sides import read_report

IMPORTS = 3


def measure(scratch: Path, rounds: int) -> dict[str, Any]:
    """Return the imports, the cells' own seconds, and our runs from nothing."""
    book = copy_book(scratch / "floor")
    imports: dict[str, list[float]] = {}
    for _ in range(IMPORTS):
        for tab in book.config.tabs:
            python = tab.environment / "bin" / "python"
            command = [str(python), "-c", f"import {', '.join(tab.preload)}"]
            done = run(command, book.root, dict(tab.variables))
            imports.setdefault(tab.name, []).append(done.seconds)
    seconds, cells = [], []
    for turn in range(rounds):
        shutil.rmtree(book.root / "_build", ignore_errors=True)
        run([sys.executable, "-m", "bookkit", "lib"], book.root)
        command = [sys.executable, "-m", "bookkit", "run"]
        done = run(command, book.root)
        seconds.append(done.seconds)
        run([*command, "--again", "-j", "1"], book.root)
        cells.append(_cell_seconds(read_report(book.root)))
        print(f"floor, round {turn + 1} of {rounds}: bookkit run {done.seconds:.1f} s")
    cores = os.cpu_count() or 1
    once = sum(median(times) for times in imports.values())
    floor = (once + median(cells)) / cores
    return {
        "imports": imports,
        "cells": cells,
        "run": seconds,
        "floor": floor,
        "ratio": median(seconds) / floor,
    }


def _cell_seconds(rows: list[dict[str, Any]]) -> float:
    return sum(sum(row["cells"]) for row in rows)
