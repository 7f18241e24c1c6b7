"""The one door to d2lbook: the format of sources, read by its own functions.

d2lbook is imported at the first call, by way of `importing`. Its builder, which few
need, is behind `build`.

Names of d2lbook, nbformat and notedown that are not public, or replaced, why, and
until when. d2lbook 1.0.3 is its last release, of 2022: nothing is to be expected there.

- `d2lbook.library._save_code` and `_refactor_blocks`: what plain d2lbook would save,
  without writing it. For as long as plain `d2lbook build lib` is to give the same.
- `d2lbook.slides._match_slide_marks` (`importing`): it compares every position of every
  text with eight marks. For as long as notebooks are made by d2lbook's functions.
- modules that d2lbook and notedown import as a whole and do not need (`importing`):
  two thirds of the import. As above.
- `nbformat.validate` and `nbformat.v4.nbbase.validate` (`unvalidated`): see there;
  jupyter/nbformat#190. As above.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bookkit.book.d2lbook.importing import prepare


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
    with unvalidated():
        return notebook.split_markdown_cell(notebook.read_markdown(text))


def tabs_of(cell: Any, default: str) -> tuple[str, ...]:
    """Return the tabs that a cell of `split` names; none for prose of all tabs."""
    return tuple(_module("notebook").get_cell_tab(cell, default))


def choose(notebook: Any, tab: str, default: str) -> Any | None:
    """Return a copy of what `split` made with one tab's cells; None: it has none."""
    whole = copy.deepcopy(notebook)
    with unvalidated():
        return _module("notebook").get_tab_notebook(whole, tab, default)


def without_slide_marks(notebook: Any) -> Any:
    """Return a copy of a notebook without d2lbook's marks of slides."""
    with unvalidated():
        return _module("slides").remove_slide_marks(copy.deepcopy(notebook))


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
