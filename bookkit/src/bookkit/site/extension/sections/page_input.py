"""What a page is made of, in a file for each section, as our builder writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bookkit.site.shown.terminal import visible


@dataclass(frozen=True)
class PageInput:
    """Texts of a section and of its solutions, and what their cells gave, in order."""

    text: str
    code: list[Mapping[str, Mapping[str, Any]]]
    tabs: list[str]
    solution: str
    solution_path: str
    solution_code: list[Mapping[str, Mapping[str, Any]]]


def read_page_input(folder: str, docname: str, text: str) -> PageInput:
    """Return what was written for a page; a page without has its text alone."""
    path = Path(folder, f"{docname}.json")
    if not folder or not path.is_file():
        return PageInput(visible(text), [], [], "", "", [])
    found = PageInput(**json.loads(path.read_text(encoding="utf-8")))
    return replace(found, text=visible(found.text), solution=visible(found.solution))
