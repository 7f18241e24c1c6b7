"""One section of many cells: what two tabs cost in proportion to one.

    python -m benchmarks.cells --cells 2000

Seconds of the processor, Sphinx's process included, of what is done around a run: no
cell is run, each is handed an output. Twice the cells may cost twice the time.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from bookkit.book import d2lbook
from bookkit.book.config import load
from bookkit.book.source import notebook_of
from bookkit.check import Memory, examine_book
from bookkit.site.build import build_site

TABS = ("alpha", "beta")


def measure(root: Path, cells: int, tabs: tuple[str, ...]) -> dict[str, float]:
    """Check and make the pages of a new book, then after an edited word."""
    _write(root, cells, tabs)
    took = {"cold": _seconds(lambda: _build(root))}
    page = root / "one.md"
    page.write_text(page.read_text("utf-8").replace("Words", "Others", 1), "utf-8")
    took["edit"] = _seconds(lambda: _build(root))
    return took


def _build(root: Path) -> None:
    config = load(root)
    _, sections = examine_book(config, Memory(config))
    names = [tab.name for tab in config.tabs]
    ran = {
        tab: {
            str(one.path): _executed(notebook_of(one, tab, config)) for one in sections
        }
        for tab in names
    }
    build_site(root, names, ran)


def _executed(notebook: Any) -> Any:
    cells = [d2lbook.copied_cell(cell) for cell in notebook.cells] if notebook else []
    for number, cell in enumerate(cells):
        if cell.cell_type == "code":
            made = nbformat.NotebookNode(  # type: ignore[no-untyped-call]
                output_type="execute_result",
                data={"text/plain": str(number)},
                metadata={},
                execution_count=1,
            )
            cell.outputs = [made]
    return d2lbook.copied(notebook, cells) if notebook else None


def _seconds(work: Callable[[], None]) -> float:
    def used() -> float:
        kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        usages = [resource.getrusage(kind) for kind in kinds]
        return sum(one.ru_utime + one.ru_stime for one in usages)

    before = used()
    work()
    return used() - before


def _write(root: Path, cells: int, tabs: tuple[str, ...]) -> None:
    root.mkdir()
    config = (
        f"[project]\nname = grown\ntitle = Grown\n[build]\ntabs = {', '.join(tabs)}\n"
    )
    (root / "config.ini").write_text(f"{config}notebooks = *.md\n", "utf-8")
    (root / "index.md").write_text("# All\n\n```toc\none\n```\n", "utf-8")
    parts = ["# One\n"]
    for number in range(cells):
        parts.append(f"Words before `cell` {number}, and $x_{{{number}}}$.\n")
        for tab in tabs:
            fence = f"```{{.python .input}}\n#@tab {tab}\n"
            parts.append(f"{fence}{tab} = {number}\n{tab} + 1\n```\n")
    (root / "one.md").write_text("\n".join(parts), "utf-8")


def main() -> None:
    """Print the seconds of one tab and of two, and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cells")
    parser.add_argument("--cells", type=int, default=2000)
    cells = parser.parse_args().cells
    with tempfile.TemporaryDirectory(prefix="bookkit-cells-") as folder:
        one = measure(Path(folder, "one"), cells, TABS[:1])
        two = measure(Path(folder, "two"), cells, TABS)
    for name in one:
        ratio = two[name] / one[name]
        print(
            f"{name}: {one[name]:.1f} s, two tabs {two[name]:.1f} s: {ratio:.2f} times"
        )


if __name__ == "__main__":
    main()
