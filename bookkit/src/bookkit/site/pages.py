"""What Sphinx reads: its configuration, and what each page is made of."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from nbformat import NotebookNode

from bookkit.book.config import Config
from bookkit.book.inputs import section_files
from bookkit.book.links import dark_of, image_paths
from bookkit.book.source import Cell, Section, read_section
from bookkit.files import digest, write_whole
from bookkit.site.defaults import conf_text, rst_files
from bookkit.site.html_pages import HtmlPages
from bookkit.site.run_facts import facts_text
from bookkit.site.state import Made, stamp_of

# Half a character, which a cell can print and no file can hold.
_SURROGATE = re.compile(r"[\ud800-\udfff]")
MADE_NAME = "site-made.json"


class Pages:
    """The sections as Sphinx gets them; what did not change stays as it is."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.tabs = tuple(tab.name for tab in config.tabs)
        self.sections = {str(path): path for path in section_files(config)}
        self.html = HtmlPages(
            root=config.root,
            html_dir=config.output / "html",
            build_dir=config.output,
            tabs=self.tabs,
            names=(
                *self.sections,
                *(str(one.relative_to(config.root)) for one in rst_files(config)),
            ),
        )
        self.warning_is_error = config.pages.warning_is_error
        _write(self.html.conf_dir / "conf.py", conf_text(config))
        bibliography = config.root / (config.bibfile or "config.ini")
        stamp = stamp_of(self.tabs, [config.root / "config.ini", bibliography])
        self.made = Made.read(self.html.build_dir / MADE_NAME, stamp)
        self.digests: dict[str, str] = {}
        self._cells: dict[str, tuple[Cell, ...]] = {}

    def add(self, section: Section, ran: Mapping[str, NotebookNode | None]) -> None:
        """Write what a section's page is made of, unless it is there."""
        name = str(section.path)
        for one in filter(None, (section, section.solution)):
            self._cells[str(one.path)] = one.cells
        facts = facts_text(self.tabs, ran)
        _write(self.html.facts_dir / section.path.with_suffix(".json"), facts)
        text = page_text(section, self.tabs, ran)
        _write(self.html.pages_dir / section.path.with_suffix(".json"), text)
        pictures = self._pictures(section)
        self.digests[name] = digest(pictures, [self.made.stamp, facts, text])

    def finish(self) -> list[str]:
        """Return the sections that Sphinx has to read; forget those that are gone."""
        for name, path in self.sections.items():
            if name not in self.digests:
                self.add(read_section(self._config, path), {})
        for folder in (self.html.facts_dir, self.html.pages_dir):
            _remove_others(folder, self.sections.values())
        before = self.made.html
        return [
            name for name in self.sections if before.get(name) != self.digests[name]
        ]

    def without(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the digests of pages but for these files', none if one has no page."""
        solutions = f"{self._config.solutions}/"
        left_out = {path.removeprefix(solutions) for path in paths}
        if not left_out <= self.digests.keys():
            return {}
        return {one: of for one, of in self.digests.items() if one not in left_out}

    def tab_at(self, path: str, line: int) -> str | None:
        """Return for which tabs a line of a section or of its solutions is."""
        for cell in self._cells.get(path, ()):
            if cell.line <= line <= cell.line + cell.source.count("\n"):
                return ", ".join(cell.tabs) or None
        return None

    def _pictures(self, section: Section) -> list[Path]:
        found = image_paths(section.path, section.text)
        return [self._config.root / one for one in (*found, *map(dark_of, found))]


def page_text(
    section: Section, tabs: Sequence[str], ran: Mapping[str, NotebookNode | None]
) -> str:
    """Return as JSON what a page is made of: see `extension.sections.page_input`."""
    found: dict[int, dict[str, Any]] = {}
    for tab in tabs:
        notebook = ran.get(tab)
        for cell in notebook.cells if notebook else ():
            if cell.cell_type == "code":
                found.setdefault(cell.metadata["origin_pos"], {})[tab] = _variant(cell)
    solution = section.solution
    first = len(section.cells)
    content = {
        "text": section.text,
        "code": [found.get(cell.index, {}) for cell in section.code],
        "tabs": [tab for tab in tabs if ran.get(tab) is not None],
        "solution": solution.text if solution else "",
        "solution_path": str(solution.path) if solution else "",
        "solution_code": [
            found.get(first + cell.index, {})
            for cell in (solution.code if solution else ())
        ],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return _SURROGATE.sub("\ufffd", text)


def _variant(cell: NotebookNode) -> dict[str, Any]:
    """Return what decides the page, without numbers that change from run to run."""
    outputs = [
        {key: value for key, value in output.items() if key != "execution_count"}
        for output in cell.get("outputs", [])
    ]
    tags = list(cell.metadata.get("tags", []))
    return {"source": cell.source, "outputs": outputs, "tags": tags}


def _write(path: Path, text: str) -> None:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if path.read_text(encoding="utf-8") == text:
            return
    write_whole(path, text)


def _remove_others(folder: Path, sections: Iterable[PurePosixPath]) -> None:
    kept = {folder / section.with_suffix(".json") for section in sections}
    for path in folder.rglob("*.json"):
        if path not in kept:
            path.unlink()
