"""What sees a mutant: the tests of the text that could, the cheapest first.

Each is a test of another folder or what that test asserts, so none can see here what
`make test` does not see. They look at a copy of the book's sources.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath

import test_claims
import test_exercises
import test_prose
from operators import Mutant, mutants_of
from running import CLAIMS, Tab, cells_of, fails, shown_now
from tables import load_table, names_of
from test_exercises import (
    test_each_exercise_says_its_kind_and_how_hard_it_is_and_has_a_solution as form,
)
from test_safe_cells import unsafe_calls

from bookkit.book import config as configuration
from bookkit.book.config import Config
from bookkit.book.source import Section, notebook_of, read_book, read_section
from bookkit.check import Memory, examine_book
from bookkit.errors import BookkitError

ROOT = Path(__file__).resolve().parents[2]
_SOURCES = "chapter_* solutions img d2l *.md *.ini *.bib *.txt *.toml".split()


class _Remembered(Memory):
    """What was found in the book as it is; nothing is kept of mutants."""

    def save(self) -> None:
        """Keep nothing."""


class Book:
    """A copy of the book's sources, in which one mutant at a time is made."""

    def __init__(self, root: Path, tabs: list[str]) -> None:
        for pattern in _SOURCES:
            for path in ROOT.glob(pattern):
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, root / path.name)
        real = configuration.load(ROOT)
        own = {tab.name: tab.environment for tab in real.all_tabs}
        book = configuration.load(root)
        changed = tuple(
            replace(tab, environment=own[tab.name]) for tab in book.all_tabs
        )
        self.config: Config = replace(
            book, environments=real.environments, all_tabs=changed, tabs=changed
        )
        self.tabs = tabs
        self.sections = {str(one.path): one for one in read_book(self.config)}
        self.texts = {
            str(part.path): part.text
            for one in self.sections.values()
            for part in filter(None, (one, one.solution))
        }

    @cached_property
    def _known(self) -> set[tuple[str, str]]:
        found = examine_book(self.config, Memory(self.config))[0]
        return {(one.code, str(one.path)) for one in found}

    def mutants(self) -> list[Mutant]:
        """List all mutants of all sections and solutions."""
        parts = [
            part
            for one in self.sections.values()
            for part in (one, one.solution)
            if part
        ]
        return [one for part in parts for one in mutants_of(part)]

    def seen_by(self, mutant: Mutant) -> str:
        """Make a mutant and name what sees it; empty: nothing does."""
        path = self.config.root / mutant.path
        text = self.texts[mutant.path]
        if mutant.tabs:
            _ = self._known  # of the book as it is
        path.write_text(mutant.apply(text), encoding="utf-8")
        try:
            return next(self._oracles(mutant), "")
        finally:
            path.write_text(text, encoding="utf-8")
            # A tab may have run with what mutated cells save
            own = ROOT / "d2l"
            shutil.copytree(own, self.config.root / "d2l", dirs_exist_ok=True)

    def _oracles(self, mutant: Mutant) -> Iterator[str]:
        path = PurePosixPath(mutant.path.removeprefix(f"{self.config.solutions}/"))
        section = read_section(self.config, path)
        yield from self._text(section)
        tabs = [one for one in self.tabs if one in mutant.tabs or "all" in mutant.tabs]
        for tab in tabs:
            yield from Tab(self.config, section, tab).oracles()
        if mutant.tabs:  # rules of prose are of its form
            yield from self._check()

    def _check(self) -> Iterator[str]:
        try:
            found = examine_book(self.config, _Remembered(self.config))[0]
        except BookkitError as error:
            yield f"check: {type(error).__name__}"
            return
        if new := [
            one for one in found if (one.code, str(one.path)) not in self._known
        ]:
            yield f"check: {new[0].code}"

    def _text(self, section: Section) -> Iterator[str]:
        """Yield what sees it without running anything."""
        path, config = str(section.path), self.config
        found = [
            name
            for name in names_of(CLAIMS)
            if path == load_table(CLAIMS, name).SECTION
        ]
        for name in found:
            claims = load_table(CLAIMS, name).CLAIMS
            text = section.text + (section.solution.text if section.solution else "")
            if fails(
                test_claims.test_when_claim_is_quoted_then_section_says_it, claims, text
            ):
                yield "claims: a sentence is not in the text"
            there = test_claims.test_when_a_tab_shows_a_claim_then_it_is_checked_there
            if any(fails(there, path, claims, tab.name, config) for tab in config.tabs):
                yield "claims: a tab shows another sentence"
            bullets = test_claims.test_when_summary_has_a_bullet_then_a_claim_covers_it
            if fails(bullets, path, claims, section.text):
                yield "claims: summary"
        if fails(
            test_prose.test_when_prose_has_a_number_then_something_holds_it, [section]
        ):
            yield "prose: a number"
        if any(any(unsafe_calls([section], tab.name, config)) for tab in config.tabs):
            yield "claims: a file is read in an unsafe way"
        if section.solution:
            if fails(form, section):
                yield "exercises: form"
            if any(self._unquoted(section, tab.name) for tab in config.tabs):
                yield "exercises: what a check says"

    def _unquoted(self, section: Section, tab: str) -> list[str]:
        """List what checks say to wrong answers and the prose does not quote."""
        count = len(cells_of(notebook_of(section, tab, self.config)))
        told = [
            text for cell in shown_now(tab)[str(section.path)][count:] for text in cell
        ]
        cells = notebook_of(section.solution, tab, self.config).cells
        prose = "\n".join(one.source for one in cells if one.cell_type == "markdown")
        quotes = [one.rstrip("…") for one in test_exercises.QUOTE.findall(prose)]
        messages = [
            ast.literal_eval(one)
            for one in told
            if one.startswith(("'", '"')) and "应为" in one
        ]
        return [
            one for one in messages if not any(q and one.startswith(q) for q in quotes)
        ]
