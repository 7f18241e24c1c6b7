"""A learner's notebook with the saved code that it reaches inside: it runs alone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from bookkit.book.marks import NO_RUN, TAGS
from bookkit.book.source import FOLDED_TAG, new_id
from bookkit.library.carry import carry
from bookkit.library.records import Library

#: Of which text the id of the cell with saved code is made: it keeps it.
_ROLE = "saved code"


def carry_along(notebook: Any, library: Library, words: Mapping[str, str]) -> None:
    """Put the saved code behind the import of its module, in whose place it is."""
    from nbformat.v4 import new_code_cell

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    carried = carry(library, [cell.source for cell in code])
    if carried is None:
        return
    for cell, source in zip(code, carried.cells, strict=True):
        cell.source = source
    imports = "; ".join(carried.replaced)
    said = words["carried"].format(imports=imports).replace("\n", "\n# ")
    source = f"# {said}\n{carried.code}"
    added = new_code_cell(source)  # type: ignore[no-untyped-call]
    added.id = new_id({cell.id for cell in notebook.cells}, _ROLE)
    place = code[carried.place]
    not_run = [tag for tag in place.metadata.get("tags", []) if tag in TAGS[NO_RUN]]
    added.metadata.update(jupyter={"source_hidden": True}, tags=[FOLDED_TAG, *not_run])
    added.execution_count = place.execution_count
    if not place.source.strip():
        added.outputs = place.outputs  # what is said of it stays
    at = next(i for i, c in enumerate(notebook.cells) if c is place) + 1
    notebook.cells.insert(at, added)
    # A cell with nothing but the import is empty now
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    _count_anew(notebook)


def _count_anew(notebook: Any) -> None:
    """Number cells that ran, and their values, as a run of this notebook would."""
    counts = itertools.count(1)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.execution_count is not None:
            cell.execution_count = next(counts)
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
