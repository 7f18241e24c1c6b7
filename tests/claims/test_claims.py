"""Every claim of every section, in the kernel of every tab that shows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from kernels import Kernel, KernelError, wrong_shapes
from tables import load_table, names_of

from bookkit.book.config import Config
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import read_section
from claims import Claim

HERE = Path(__file__).parent
SUMMARY_HEADING = "小结"


@pytest.fixture(scope="module", params=names_of(HERE))
def name(request: pytest.FixtureRequest) -> str:
    """Return the module of a section's claims."""
    return request.param


@pytest.fixture
def section(name: str) -> str:
    return load_table(HERE, name).SECTION


@pytest.fixture
def claims(name: str) -> list[Claim]:
    return load_table(HERE, name).CLAIMS


@pytest.fixture
def own_text(section: str, book: Config) -> str:
    """Return the section's text without its solutions."""
    return (book.root / section).read_text(encoding="utf-8")


@pytest.fixture
def text(section: str, book: Config) -> str:
    """Return the section's text, and that of its solutions."""
    found = read_section(book, PurePosixPath(section))
    return found.text + (found.solution.text if found.solution else "")


def test_when_notebook_ran_then_every_claim_holds(
    ran: Callable[[str, str], Kernel], name: str, section: str, claims: list[Claim], tab: str
) -> None:
    kernel, false = ran(section, tab), []
    for number, claim in enumerate(claims):
        if tab not in claim.checks:
            continue
        try:
            kernel.run(f"__import__('claims').prove({name!r}, {number}, {tab!r}, globals())")
        except KernelError as error:
            false.append("\n".join([*(f"[{tab}] {quote}" for quote in claim.quotes), str(error)]))
    assert not false, "\n\n".join(false)


def test_when_a_comment_tells_a_shape_then_it_is_there(
    ran: Callable[[str, str], Kernel], section: str, tab: str
) -> None:
    assert wrong_shapes(ran(section, tab)) == []


def test_when_claim_is_quoted_then_section_says_it(claims: list[Claim], text: str) -> None:
    assert [quote for quote, _ in sentences(claims) if quote not in text] == []


def test_when_a_tab_shows_a_claim_then_it_is_checked_there(
    section: str, claims: list[Claim], tab: str, book: Config
) -> None:
    """A check in a tab whose readers never see the sentence proves nothing to them."""
    notebook = run_notebook_of(read_section(book, PurePosixPath(section)), tab, book)
    seen = "\n".join(cell.source for cell in notebook.cells)
    unseen, unproved = [], []
    for quote, claim in sentences(claims):
        if tab in claim.checks and quote not in seen:
            unseen.append(quote)
        elif claim.checks and quote in seen and tab not in claim.checks:
            unproved += [] if claim.elsewhere else [quote]
    assert (unseen, unproved) == ([], [])


def test_when_claim_is_listed_then_it_is_checked_or_says_why_not(
    claims: list[Claim], book: Config
) -> None:
    for claim in claims:
        assert claim.quotes and bool(claim.checks) != bool(claim.unchecked), claim.quotes


def test_when_summary_has_a_bullet_then_a_claim_covers_it(
    section: str, claims: list[Claim], own_text: str
) -> None:
    summary = re.search(rf"^## {SUMMARY_HEADING}\n(.*?)(?=^## |\Z)", own_text, re.M | re.S)
    if summary is None and len(re.findall(r"^## ", own_text, re.M)) == 1:
        return  # it has exercises and nothing else
    assert summary, f"{section} has no {SUMMARY_HEADING}"
    bullets = re.findall(r"^[*-] (.+(?:\n  .+)*)", summary[1], re.M)
    assert bullets
    quotes = [quote for quote, _ in sentences(claims)]
    assert [one for one in bullets if not any(quote in one for quote in quotes)] == []


def sentences(claims: list[Claim]) -> Iterator[tuple[str, Claim]]:
    return ((quote, claim) for claim in claims for quote in claim.quotes)
