"""Facts about the runs behind each page, in a file for each section.

Sphinx's process reads them. Sphinx alone has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import NotebookNode

_TOLD = ("versions", "device", "date", "seconds", "committed")


def facts_text(
    tabs: Sequence[str], notebooks: Mapping[str, NotebookNode | None]
) -> str:
    """Return a section's facts as JSON: `{"tabs": {TAB: FACTS or null}}`.

    Null says that the section has no such tab; a section without any is prose,
    which belongs to all of them. Facts are empty where nothing ran.
    """
    found = {tab: notebooks.get(tab) for tab in tabs}
    is_prose = all(notebook is None for notebook in found.values())
    facts = {
        tab: {} if is_prose else _facts(notebook) for tab, notebook in found.items()
    }
    return json.dumps({"tabs": facts}, ensure_ascii=False, indent=1)


def _facts(notebook: NotebookNode | None) -> dict[str, Any] | None:
    if notebook is None:
        return None
    known: Mapping[str, Any] = notebook.metadata.get("bookkit", {})
    has_code = any(cell.cell_type == "code" for cell in notebook.cells)
    return {key: known[key] for key in _TOLD if key in known} if has_code else {}
