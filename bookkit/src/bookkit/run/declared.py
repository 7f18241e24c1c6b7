"""What a book declares of its code: that it is not run, or that it may fail."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bookkit.book.config import Config, Tab
from bookkit.book.findings import ERROR, WARNINGS
from bookkit.book.marks import ALLOWS, NO_RUN, RAISES, TAGS
from bookkit.book.source import Section
from bookkit.run.cache import hash_text
from bookkit.run.results import Result, Status

#: Tags that decide what comes of a cell, beside its code.
_DECIDING = (
    *TAGS[RAISES],
    TAGS[NO_RUN][0],
    *(f"{ALLOWS}{kind}" for kind in WARNINGS),
)


def why_not(config: Config, section: Section, tab: Tab, notebook: Any) -> str:
    """Say by what a notebook is declared not to be run; "" where it is."""
    if not config.runs.evaluate:
        return "eval_notebook in config.ini"
    if not tab.run:
        return f"run in [bookkit-{tab.name}] of config.ini"
    if config.runs.no_run.has(section.path, tab.name):
        return "no_run in config.ini"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if all(is_skipped(cell) for cell in code if cell.source.strip()):
        return f"`{NO_RUN}` in every cell"
    return ""


def is_skipped(cell: Any) -> bool:
    """Tell whether a code cell is declared not to be run."""
    return TAGS[NO_RUN][0] in cell.metadata.get("tags", [])


def hash_cell(cell: Any) -> str:
    """Hash a code cell, and what is declared of it."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag in _DECIDING]
    return hash_text("\n".join([*(f"#@{tag}" for tag in tags), cell.source]))


def settings_of(config: Config, section: Section, tab: Tab) -> dict[str, str]:
    """Return by which settings a result may differ from the strictest ones."""
    found = {}
    if config.runs.allow_errors.has(section.path, tab.name):
        found["allow_errors"] = "true"
    strict = config.runs.kinds(ERROR)
    if strict != WARNINGS:  # `show` where none is an error
        found["deprecations"] = " ".join(["error", *strict]) if strict else "show"
    return found


def let_fail(notebook: Any) -> Any:
    """Return a copy of a notebook each of whose cells may raise."""
    notebook = copy.copy(notebook)
    notebook["cells"] = [
        with_tags(cell, TAGS[RAISES]) if cell.cell_type == "code" else cell
        for cell in notebook.cells
    ]
    return notebook


def with_tags(cell: Any, tags: Iterable[str]) -> Any:
    """Return a copy of a cell that has these tags, too."""
    cell = copy.copy(cell)
    cell["metadata"] = copy.copy(cell.metadata)
    cell.metadata["tags"] = list(dict.fromkeys([*cell.metadata.get("tags", []), *tags]))
    return cell


def not_run(section: str, tab: str) -> Result:
    """Return the result of a notebook that is declared not to be run."""
    return Result(section, tab, Status.NOT_RUN, [], cached=True)


def describe(reasons: Sequence[str]) -> list[str]:
    """Word once for each reason how many notebooks are not run."""
    counted = Counter(filter(None, reasons))
    return [
        f"Not run, as declared by {reason}: {number} "
        f"{'notebook' if number == 1 else 'notebooks'}"
        for reason, number in counted.items()
    ]
