"""The one door to d2lbook: the format of sources, read by its own functions.

d2lbook is imported at the first call, by way of `importing`. Its builder, which few
need, is behind `build`.

Names of d2lbook, nbformat and notedown that are not public, or replaced, why, and
until when. d2lbook 1.0.3 is its last release, of 2022: nothing is to be expected there.

- `d2lbook.library._save_code` and `_refactor_blocks`: what plain d2lbook would save,
  without writing it. For as long as plain `d2lbook build lib` is to give the same.
- `d2lbook.notebook._clean_if_branches`: the format's branches by tab. For as long as
  sources have them.
- modules that d2lbook and notedown import as a whole and do not need (`importing`):
  two thirds of the import. As above.
- `nbformat.validate` and `nbformat.v4.nbbase.validate` (`unvalidated`): see there;
  jupyter/nbformat#190. As above.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bookkit.book.d2lbook.importing import prepare


@functools.cache
def _module(name: str) -> Any:
    prepare()
    return importlib.import_module(f"d2lbook.{name}")


@contextlib.contextmanager
def unvalidated() -> Iterator[None]:
    """Take notebooks as they come, in this process, until the block ends.

    d2lbook makes every cell anew at every step, thousands for a chapter, and applies a
    JSON schema to each, and to the whole wherever it is handed on. What
    is read from outside and what is written for readers is still validated.
    """
    # Many who read sources make no notebook: they do without its import.
    import nbformat
    from nbformat.v4 import nbbase

    kept = nbbase.validate, nbformat.validate

    def validate(*arguments: object, **options: object) -> None:
        pass

    nbbase.validate = nbformat.validate = validate
    try:
        yield
    finally:
        nbbase.validate, nbformat.validate = kept


def split(text: str) -> Any:
    """Cut the text of a section into a notebook of code cells and prose.

    Raises:
        Exception: of any kind; d2lbook raises bare assertions.
    """
    notebook = _module("notebook")
    # As `read_markdown`, which fails on code that is indented
    reader = notebook.notedown.MarkdownReader("fenced", match="strict")
    with unvalidated():
        return notebook.split_markdown_cell(reader.reads(text))


def tabs_of(cell: Any, default: str) -> tuple[str, ...]:
    """Return the tabs that a cell of `split` names; none for prose of all tabs."""
    return tuple(_module("notebook").get_cell_tab(cell, default))


def choose(notebook: Any, tab: str, default: str) -> Any | None:
    """Return what `split` made with one tab's cells alone; None: it has none.

    As `d2lbook.notebook.get_tab_notebook`, which copies the whole book's cells for each
    tab, three times over; a test holds them equal.
    """
    tabs = [tabs_of(cell, default) for cell in notebook.cells]
    has_code = any(cell.cell_type == "code" for cell in notebook.cells)
    named = any(tab in tabs_of(cell, "") for cell in notebook.cells)
    if tab != default and has_code and not named:
        return None
    cells, matched = [], False
    for position, (cell, own) in enumerate(zip(notebook.cells, tabs, strict=True)):
        if own and own != ("all",) and tab not in own:
            continue
        if own and "%load_ext d2lbook.tab" in cell.source:
            continue
        chosen = copied_cell(cell)
        chosen.metadata["origin_pos"] = position
        if own:
            chosen.metadata["tab"], matched = [tab], True
            chosen.source = _source_in(tab, cell.source)
        cells.append(chosen)
    if has_code and not matched:
        return None
    return copied(notebook, cells)


def _source_in(tab: str, source: str) -> str:
    """Return a cell's text without lines that name tabs and other tabs' branches."""
    notebook, common = _module("notebook"), _module("common")
    lines = source.split("\n")
    for at, line in enumerate(lines):
        mark = common.md_mark_pattern.search(line)
        if (
            common.source_tab_pattern.search(line)
            or common.source_tab_pattern_2.search(line)
            or (mark and mark[1] in ("begin_tab", "end_tab"))
        ):
            del lines[at]
        lines = notebook._clean_if_branches(lines, tab)
    return "\n".join(lines)


def copied(notebook: Any, cells: Iterable[Any]) -> Any:
    """Return a notebook like another, with its own metadata and other cells."""
    made = copy.copy(notebook)
    made["metadata"] = copy.deepcopy(notebook.metadata)
    made["cells"] = list(cells)
    return made


def copied_cell(cell: Any) -> Any:
    """Return a copy of a cell; nobody may change what its outputs show."""
    made = copy.copy(cell)
    made["metadata"] = copy.deepcopy(cell.metadata)
    if "outputs" in cell:
        made["outputs"] = [copy.copy(output) for output in cell.outputs]
    return made


def gpus_wanted(notebook: Any, most: int) -> int:
    """Return how many GPUs a notebook asks for, `most` at most."""
    wanted: int = _module("resource").get_notebook_gpus(notebook, most)
    return min(wanted, most)


def saved_code(path: Path, tab: str, default: str) -> str:
    """Return what plain `d2lbook build lib` saves of a section; it may be no Python."""
    library = _module("library")
    with unvalidated():
        blocks = library._save_code(str(path), tab=tab, default_tab=default)
    return str(library._refactor_blocks(blocks))
