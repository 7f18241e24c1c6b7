"""The proof notices wrong changes of the text: some of them, made here.

`make mutants` makes many, of words as well. Which are made here depends on the text, so
one that nothing sees is no failure; a proof that has become blind is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from operators import Mutant, sample
from oracles import Book

from bookkit.kernels import prefork

#: How many are made of what is held where it stands and of what a kernel has to run,
#: and how many of these are seen at least.
PROSE, CODE, SEEN = 14, 6, 17


@pytest.fixture(scope="module")
def copy(
    available_tabs: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Book]:
    # In one tab: frameworks take seconds to import
    yield Book(tmp_path_factory.mktemp("book"), available_tabs[:1])
    prefork.stop_all()


def test_when_nothing_is_changed_then_nothing_is_seen(copy: Book) -> None:
    path = "chapter_computation/tools.md"
    assert copy.seen_by(Mutant("nothing", path, 0, 0, "", tuple(copy.tabs[:1]))) == ""
    assert copy.seen_by(Mutant("nothing", path, 0, 0, "")) == ""


def test_when_the_text_is_changed_then_the_proof_mostly_sees_it(copy: Book) -> None:
    found = copy.mutants()
    numbers = [one for one in found if one.operator == "number in prose"]
    code = [one for one in found if set(one.tabs) & {*copy.tabs, "all"}]
    chosen = [*sample(numbers, PROSE, 0), *sample(code, CODE, 0)]
    unseen = [one.told(copy.texts[one.path]) for one in chosen if not copy.seen_by(one)]
    assert len(chosen) - len(unseen) >= SEEN, "\n\n".join(unseen)


def test_when_a_mutant_was_made_then_the_copy_is_as_it_was(copy: Book) -> None:
    one = next(one for one in copy.mutants() if one.operator == "number in prose")
    path = copy.config.root / one.path
    before = path.read_text(encoding="utf-8")
    copy.seen_by(one)
    assert path.read_text(encoding="utf-8") == before == copy.texts[one.path]
    assert one.apply(before) != before
