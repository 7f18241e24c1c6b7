"""Every number in prose is held by something; sentences that nothing touches grow fewer."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from tables import load_table, names_of

from bookkit.book.config import Config, load
from bookkit.book.source import Section, read_book
from prose import Pieces, covered, numbers, sentences

HERE = Path(__file__).parent
#: `path: words around a number | why nothing can hold it`, a line for each.
EXEMPT = HERE / "exempt.txt"
#: `path: how many`, a line for each file.
UNTOUCHED = HERE / "untouched.txt"


def _table(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [tuple(one.split(": ", 1)) for one in lines if one and not one.startswith("#")]


@cache
def quotes_of(path: str) -> list[str]:
    """Return what is claimed of a section, and of its solutions."""
    tables = [load_table(HERE, name) for name in names_of(HERE)]
    claims = [one for table in tables if path == table.SECTION for one in table.CLAIMS]
    return [quote for claim in claims for quote in claim.quotes]


@pytest.fixture(scope="module")
def sections() -> list[Section]:
    return read_book(load(HERE.parents[1]))


def loose_numbers(section: Section, book: Config) -> list[tuple[str, int, str]]:
    """List numbers that nothing holds: file, line and the words around them."""
    pieces, found = Pieces(section, book), []
    for part in filter(None, (section, section.solution)):
        text, marks = part.text, covered(part.text, quotes_of(str(section.path)))
        for number in numbers(text):
            if not marks[number.start()] and not pieces.hold(part, number):
                line = text.count("\n", 0, number.start()) + 1
                around = text[max(0, number.start() - 40) : number.end() + 40]
                found.append((str(part.path), line, around))
    return found


def untouched(section: Section) -> dict[str, list[str]]:
    """List the sentences that no claim quotes a part of, by file."""
    found = {}
    for part in filter(None, (section, section.solution)):
        marks = covered(part.text, quotes_of(str(section.path)))
        found[str(part.path)] = [
            one[0].strip()
            for one in sentences(part.text)
            if not any(marks[one.start() : one.end()])
        ]
    return found


def test_when_prose_has_a_number_then_something_holds_it(sections: list[Section]) -> None:
    """A claim quotes it, code beside it has it or shows it, or nothing can hold it."""
    book, exempt, used, loose = load(HERE.parents[1]), [], Counter(), []
    mine = {str(part.path) for one in sections for part in (one, one.solution) if part}
    for path, rest in _table(EXEMPT):
        if path not in mine:
            continue
        words, _, why = rest.rpartition(" | ")
        assert words and why, f"{EXEMPT.name}: {rest}: expected `words | why`"
        exempt.append((path, words))
    for section in sections:
        for path, line, around in loose_numbers(section, book):
            mine = [one for one in exempt if one[0] == path and one[1] in around]
            used.update(mine)
            if not mine:
                loose.append(f"{path}:{line}: {around!r}")
    assert not loose, "\n".join(
        [*loose, "expected: a claim that quotes them, or code that shows them", _next()]
    )
    assert [one for one in exempt if not used[one]] == [], "no longer needed: delete them"


def _next() -> str:
    return f"next: a claim in tests/claims, or a line in tests/claims/{EXEMPT.name}"


def test_when_a_sentence_is_added_then_a_claim_touches_it(sections: list[Section]) -> None:
    found = {path: one for each in sections for path, one in untouched(each).items() if one}
    most = {path: int(count) for path, count in _table(UNTOUCHED)}
    more = {path: one for path, one in found.items() if len(one) > most.get(path, 0)}
    assert not more, "\n".join(
        f"{path}: {len(one)} sentences that no claim touches, expected at most "
        f"{most.get(path, 0)}; next: a claim for what can be checked of the new ones, "
        f"or, where nothing can, a higher number in {UNTOUCHED.name}"
        for path, one in more.items()
    )
    fewer = {path: len(found.get(path, [])) for path in most}
    assert fewer == most, f"fewer now: write them into {UNTOUCHED.name}"
