"""What every test of faults asks of a book afterwards: what is kept, what is left."""

import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any

from faulty_books import Book, processes_with, wait_until

GONE_WITHIN_S = 2.0
#: How often each fault comes, at other moments or in other measures.
ROUNDS = int(os.environ.get("BOOKKIT_FAULT_ROUNDS", "3"))


def rows(book: Book) -> dict[str, dict[str, Any]]:
    report = json.loads((book.root / "_build" / "report.json").read_text())
    return {Path(row["section"]).stem: row for row in report}


def cached(book: Book) -> dict[str, bool]:
    """Tell of each section whether the last run had kept its result."""
    return {name: bool(row["cached"]) for name, row in rows(book).items()}


def outputs(book: Book) -> dict[str, Any]:
    found = {}
    for path in sorted((book.root / "_build" / "notebooks").rglob("*.ipynb")):
        cells = json.loads(path.read_text())["cells"]
        found[path.stem] = [
            (cell["source"], cell["execution_count"], cell["outputs"])
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    return found


def told(output: str, word: str = "passed") -> set[str]:
    """Return the sections that a run's lines report as ended with `word`."""
    return set(re.findall(rf"(\S+)\.md \[alpha\] {word}", output))


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.json"))


def half_written(folder: Path) -> list[Path]:
    """List what a store holds that is no whole entry."""
    found = []
    for path in folder.glob("*/*"):
        try:
            whole = isinstance(json.loads(path.read_text()), dict)
        except (OSError, ValueError):
            whole = False
        if path.suffix != ".json" or not whole:
            found.append(path)
    return found


def are_gone(folder: Path, seconds: float = GONE_WITHIN_S) -> bool:
    """Tell whether soon no process is left that belongs to a book."""
    return wait_until(lambda: not processes_with(str(folder)), seconds)


def children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            state, parent = (
                path.read_text(errors="replace").rpartition(")")[2].split()[:2]
            )
            if int(parent) == pid and state not in "ZX":
                found.append(int(path.parent.name))
    return found
