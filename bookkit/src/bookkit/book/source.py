"""Markdown into sections, cells and notebooks.

Splitting and tab selection are d2lbook's own functions, so that a source means
the same here and there; this module adds what they lose: file and line of
every cell, a deterministic id, and tags for validation. It judges nothing
(`check` does) and runs nothing (`execute` does).
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from markdown_it.token import Token

from bookkit.book import d2lbook, marks
from bookkit.book.aliases import without_aliases
from bookkit.book.config import Config
from bookkit.book.config.aliases import Aliases
from bookkit.book.findings import WARNINGS
from bookkit.book.inputs import section_files, solution_file
from bookkit.book.markdown import is_cell, title_of, tokens_of
from bookkit.book.remembered import TEXTS
from bookkit.book.toc import walk_toc
from bookkit.errors import SourceError, explain, where

#: nbval's word for a cell with the mark `#@nondeterministic`.
(NBVAL_IGNORE_TAG,) = marks.TAGS[marks.NONDETERMINISTIC]
#: Jupyter Book's word for a cell with the mark `#@folded`.
(FOLDED_TAG,) = marks.TAGS[marks.FOLDED]
#: What a cell may allow that shows when it is run.
_OF_A_RUN = frozenset({*WARNINGS, "BK602"})


@dataclass(frozen=True)
class Cell:
    """One cell of a section, before any tab is chosen.

    `tabs` is empty for prose that every tab shows and `("all",)` for code that
    every tab runs; `line` is where `source` begins in the file, from 1.
    """

    index: int
    kind: str
    tabs: tuple[str, ...]
    source: str
    line: int

    @property
    def left_out(self) -> bool:
        """Tell whether it is for authors only: d2lbook puts it into no notebook."""
        return self.kind == "code" and marks.is_left_out(self.source)

    def shown_in(self, tab: str) -> bool:
        """Tell whether the notebook of `tab` has this cell."""
        if self.left_out:
            return False
        return not self.tabs or tab in self.tabs or "all" in self.tabs

    def line_of(self, text: str, number: int = 1) -> int:
        """Find the line of the `.md` that a line of a tab's notebook comes from.

        Choosing a tab drops the tag and, with `tab.selected`, whole branches;
        `number` is the line in the notebook's cell, from 1, and decides where
        the same text stands twice.
        """
        lines = self.source.split("\n")
        guess = min(number - 1 + ("@tab" in lines[0]), len(lines) - 1)
        same = [at for at, one in enumerate(lines) if one.strip() == text.strip()]
        return self.line + min(same, key=lambda at: abs(at - guess), default=guess)


@dataclass(frozen=True)
class Section:
    """One `.md` file; `path` is relative to the book.

    `unread` has its files that cannot be read, and why: see `last_good`.
    """

    path: PurePosixPath
    text: str
    cells: tuple[Cell, ...]
    split: Any  # the NotebookNode of d2lbook that `cells` describe
    solution: Section | None = None
    unread: Mapping[PurePosixPath, str] = field(default_factory=dict)
    notebooks: dict[tuple[str, str, Aliases | None], Any | None] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def tokens(self) -> list[Token]:
        """Return the blocks of the text."""
        return tokens_of(self.text)

    @cached_property
    def title(self) -> str:
        """Return the text of the first heading, as Markdown."""
        return next((text for text, _ in headings_of(self.tokens)), self.path.stem)

    @cached_property
    def label(self) -> str:
        """Return the first label of the first heading; may be empty."""
        found = next((labels for _, labels in headings_of(self.tokens)), [])
        return next(iter(found), "")

    @cached_property
    def code(self) -> tuple[Cell, ...]:
        """Return the code cells in order."""
        return tuple(cell for cell in self.cells if cell.kind == "code")

    def located(self) -> list[tuple[int, PurePosixPath, Cell]]:
        """List what a run goes through, its solutions last: position, file, cell."""
        own = [(cell.index, self.path, cell) for cell in self.cells]
        if self.solution is None:
            return own
        return own + [
            (len(self.cells) + cell.index, self.solution.path, cell)
            for cell in self.solution.cells
        ]

    def groups(self) -> list[tuple[Cell, ...]]:
        """Return the logical cells: variants that follow each other directly."""
        groups: list[list[Cell]] = []
        previous = None
        for cell in self.code:
            if cell.left_out:
                continue
            adjacent = previous is not None and cell.index == previous.index + 1
            seen = {tab for one in groups[-1] for tab in one.tabs} if groups else set()
            alone = "all" in cell.tabs or "all" in seen
            if not adjacent or alone or seen & set(cell.tabs):
                groups.append([])
            groups[-1].append(cell)
            previous = cell
        return [tuple(group) for group in groups]


def find_sections(config: Config) -> list[PurePosixPath]:
    """List the book's sections in reading order; ones no toc names come last."""
    files = section_files(config)
    index = PurePosixPath(f"{config.index}.md")
    if not os.path.isfile(config.root / index):
        place = str(config.root / index)
        raise SourceError(explain(place, "no such file", "the book's first page"))
    reading = [path for path in walk_toc(config.root, index) if path in files]
    return list(dict.fromkeys([*reading, *files]))


def read_book(config: Config) -> list[Section]:
    """Read every section in reading order."""
    return [read_section(config, path) for path in find_sections(config)]


def read_section(config: Config, path: PurePosixPath) -> Section:
    """Read one section, and its solutions.

    Raises:
        SourceError: a file is not UTF-8, or d2lbook would cut it into other
            cells than its fences show.
    """
    section = _read(config, path)
    solution = solution_file(config, path)
    return replace(section, solution=_read(config, solution) if solution else None)


def _read(config: Config, path: PurePosixPath) -> Section:
    raw = (config.root / path).read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise SourceError(
            explain(f"{path}:{line}", found, "a UTF-8 file", "save it as UTF-8")
        ) from None
    return parse_section(config, path, text.replace("\r\n", "\n"))


def parse_section(config: Config, path: PurePosixPath, text: str) -> Section:
    """Cut the text of a section into cells; see `read_section`."""
    # A section of its own: what is found out about it may depend on config.ini
    return replace(_parse(config.default_tab.name, path, text))


@functools.lru_cache(maxsize=TEXTS)
def _parse(default: str, path: PurePosixPath, text: str) -> Section:
    """Cut a text once for all builds of a process: nobody changes its cells."""
    try:
        split = d2lbook.split(text)
    except Exception as error:  # d2lbook raises bare assertions
        raise SourceError(
            explain(
                str(path),
                f"d2lbook cannot read it ({type(error).__name__}: {error})",
                "well-formed fences and tab blocks",
                "bookkit check",
            )
        ) from error
    lines = list(_locate(split.cells, path, text))
    cells = tuple(
        Cell(
            index=index,
            kind=cell.cell_type,
            tabs=d2lbook.tabs_of(cell, default),
            source=cell.source,
            line=line,
        )
        for index, (cell, line) in enumerate(zip(split.cells, lines, strict=True))
    )
    return Section(path, text, cells, split)


def headings_of(tokens: Sequence[Token]) -> Iterator[tuple[str, list[str]]]:
    """Yield the headings as Markdown, without marks, and their labels."""
    for token, inline in itertools.pairwise(tokens):
        if token.type == "heading_open":
            yield title_of(inline), token.meta.get("labels", [])


def _locate(cells: list[Any], path: PurePosixPath, text: str) -> Iterator[int]:
    """Yield the line on which each cell's source begins."""
    rows = text.split("\n")
    fences = [token for token in tokens_of(text) if is_cell(token)]
    upcoming, here = iter(fences), 0
    for cell in cells:
        if cell.cell_type == "code":
            fence = next(upcoming, None)
            if fence is None or fence.content.rstrip() != cell.source.rstrip():
                raise _differs(path, text, cell.source, fence)
            assert fence.map
            here = fence.map[0] + 2
            yield here
            here = fence.map[1]
            continue
        first = cell.source.strip().split("\n")[0].strip()
        for number in range(here, len(rows)):
            if rows[number].strip() == first:
                here = number + 1
                break
        yield max(here, 1)
    if fence := next(upcoming, None):
        raise _differs(path, text, None, fence)


def _differs(
    path: PurePosixPath, text: str, theirs: str | None, ours: Token | None
) -> SourceError:
    """Return the error of a cell that d2lbook reads otherwise than Markdown."""
    line = ours.map[0] + 1 if ours and ours.map else text.count("\n") + 1
    found = "a code fence that d2lbook does not take for a cell"
    if theirs is not None:
        shown = text.count("\n", 0, text.find(theirs))
        if ours is None or shown < line:
            found, line = "d2lbook takes an example for a cell", shown
        else:
            found = "a cell that ends elsewhere for d2lbook"
    expected = "cells between two lines of ``` at the left margin, examples otherwise"
    return SourceError(explain(where(path, line), found, expected, "bookkit check"))


def notebook_of(section: Section, tab: str, config: Config) -> Any | None:
    """Return the unexecuted linear notebook of one tab; None: it has no such tab.

    Its code is that of the tab's framework: aliases are replaced. Cells keep
    `origin_pos` and `tab` in their metadata, by which pages and plain d2lbook put tabs
    together again, and get ids that depend on their text.
    It is made once and shared: who changes it works on a copy.
    """
    notebook = written_notebook_of(section, tab, config)
    aliases = config.tab(tab).aliases
    if notebook is None or not aliases:
        return notebook
    key = (tab, config.default_tab.name, aliases)
    if key not in section.notebooks:
        section.notebooks[key] = _without_aliases(section, tab, notebook, aliases)
    return section.notebooks[key]


def written_notebook_of(section: Section, tab: str, config: Config) -> Any | None:
    """Return the notebook of one tab with its aliases as the author wrote them."""
    key = (tab, config.default_tab.name, None)
    if key not in section.notebooks:
        section.notebooks[key] = _choose(section, *key[:2])
    return section.notebooks[key]


def _without_aliases(
    section: Section, tab: str, notebook: Any, aliases: Aliases
) -> Any:
    sources = [
        without_aliases(cell.source, aliases)
        if cell.cell_type == "code"
        else cell.source
        for cell in notebook.cells
    ]
    if sources == [cell.source for cell in notebook.cells]:
        return notebook
    cells = [d2lbook.copied_cell(cell) for cell in notebook.cells]
    for cell, source in zip(cells, sources, strict=True):
        cell.source = source
    give_ids(cells, f"{tab}:{section.path}")
    return d2lbook.copied(notebook, cells)


def _choose(section: Section, tab: str, default: str) -> Any | None:
    chosen = d2lbook.choose(section.split, tab, default)
    if chosen is None:
        return None
    chosen.nbformat, chosen.nbformat_minor = 4, 5
    chosen.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    for cell in chosen.cells:
        cell.metadata.pop("attributes", None)
        if cell.cell_type == "code":
            _tag(cell)
    # Plain d2lbook merges notebooks of several tabs, so their ids have to differ.
    give_ids(chosen.cells, f"{tab}:{section.path}")
    return chosen


def give_ids(cells: Iterable[Any], notebook: str) -> None:
    """Give each cell an id made of its text, so that a new cell renames no other.

    Cells of the same text are told apart by their order.
    """
    given: set[str] = set()
    for cell in cells:
        cell.id = new_id(given, f"{notebook}\0{cell.cell_type}\0{cell.source}")
        given.add(cell.id)


def new_id(given: Collection[str], text: str) -> str:
    """Return an id made of a text, other than those that are given."""
    for number in itertools.count():
        raw = f"{text}\0{number}".encode(errors="surrogatepass")
        found = hashlib.sha1(raw).hexdigest()[:8]
        if found not in given:
            break
    return found


def _tag(cell: Any) -> None:
    allowed = [what for _, what, why in marks.allowances(cell.source) if why]
    cell.source, found = marks.without_own(cell.source)
    tags = [tag for mark in marks.TAGS if mark in found for tag in marks.TAGS[mark]]
    tags += [f"{marks.ALLOWS}{what}" for what in allowed if what in _OF_A_RUN]
    if tags:
        cell.metadata["tags"] = list(dict.fromkeys(tags))
    if marks.FOLDED in found:
        cell.metadata["jupyter"] = {"source_hidden": True}
    cell.outputs, cell.execution_count = [], None


def runs_code(notebook: Any | None) -> bool:
    """Tell whether a notebook has anything to execute."""
    return notebook is not None and any(
        cell.cell_type == "code" and cell.source.strip() for cell in notebook.cells
    )
