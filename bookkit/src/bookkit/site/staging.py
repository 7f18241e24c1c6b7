"""Put executed notebooks where d2lbook looks for them.

Each file appears whole or not at all.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode

from bookkit.book import d2lbook
from bookkit.book.source import FOLDED_TAG
from bookkit.files import write_whole
from bookkit.site.marking import folded, with_marks

_CELL_METADATA = ("origin_pos", "tab", "tags")


def staged_texts(
    root: Path,
    tabs: Sequence[str],
    section: str,
    notebooks: Mapping[str, NotebookNode | None],
) -> dict[str, str]:
    """Return the notebooks that a section's page is made of, by tab, as text.

    An empty text tells d2lbook that a section has no such tab. A section that no
    tab has is staged with its prose, so that its page and its references exist.
    """
    found = {tab: notebooks.get(tab) for tab in tabs}
    if all(notebook is None for notebook in found.values()):
        found = {tab: _prose(root / section, tab, tabs[0]) for tab in tabs}
    return {tab: _serialised(notebook, tab) for tab, notebook in found.items()}


def stage_notebooks(
    eval_dirs: Mapping[str, Path], section: str, texts: Mapping[str, str]
) -> None:
    """Write a section's notebooks below each tab's folder in `eval_dirs`."""
    for tab, text in texts.items():
        write_whole((eval_dirs[tab] / section).with_suffix(".ipynb"), text)


def remove_stale(folder: Path, suffix: str, sections: Iterable[str]) -> None:
    """Delete the products of sections that are no longer in the book."""
    kept = {(folder / section).with_suffix(suffix) for section in sections}
    for path in folder.rglob(f"*{suffix}"):
        if path not in kept:
            path.unlink()


def _prose(section: Path, tab: str, default: str) -> NotebookNode | None:
    text = section.read_text(encoding="utf-8")
    source = d2lbook.split(text)
    source.cells = [cell for cell in source.cells if not _is_python(cell)]
    return d2lbook.choose(source, tab, default)


def _is_python(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code")


def _serialised(notebook: NotebookNode | None, tab: str) -> str:
    """Return what decides the page, without ids and times that change per run."""
    if notebook is None:
        return ""
    staged = copy.deepcopy(notebook)
    language = staged.metadata.get("language_info", {})
    staged["metadata"] = {
        "language_info": {
            "name": language.get("name", "python"),
            "pygments_lexer": language.get("pygments_lexer", "ipython3"),
        }
    }
    staged.nbformat, staged.nbformat_minor = 4, 5
    for position, cell in enumerate(staged.cells):
        cell.id = f"{tab}-{position}"  # once only where tabs are merged
        cell["metadata"] = {
            key: cell.metadata[key] for key in _CELL_METADATA if key in cell.metadata
        }
        if cell.cell_type == "code":
            cell.execution_count = None
            if FOLDED_TAG in cell.metadata.get("tags", []):
                cell.source = folded(cell.source)
            cell["outputs"] = with_marks(cell.get("outputs", []))
            for output in cell.get("outputs", []):
                if "execution_count" in output:
                    output["execution_count"] = None
    return json.dumps(staged, ensure_ascii=False, indent=1) + "\n"
