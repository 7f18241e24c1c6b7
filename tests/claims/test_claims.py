"""Every claim of every section, in the kernel of every tab that shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from claims import Claim
from kernels import Kernel, KernelError
from tables import load_table, names_of

from bookkit.book.config import Config
from bookkit.book.source import notebook_of, read_section

HERE = Path(__file__).parent
SUMMARY_HEADING = "小结"


@pytest.fixture(scope="module", params=names_of(HERE))
def table(request: pytest.FixtureRequest) -> tuple[str, list[Claim]]:
    """Return a section's path and its claims."""
    module = load_table(HERE, request.param)
    return module.SECTION, module.CLAIMS


def test_when_notebook_ran_then_every_claim_holds(
    ran: Callable[[str, str], Kernel], table: tuple[str, list[Claim]], tab: str
) -> None:
    kernel, false = ran(table[0], tab), []
    for claim in table[1]:
        code = claim.check_for(tab)
        if code is None:
            continue
        try:
            kernel.run(code)
        except KernelError as error:
            false.append(f"[{tab}] {claim.quote}\n{error}")
    assert not false, "\n\n".join(false)


def test_when_claim_is_quoted_then_section_says_it(
    table: tuple[str, list[Claim]], book: Config
) -> None:
    text = (book.root / table[0]).read_text(encoding="utf-8")
    assert [claim.quote for claim in table[1] if claim.quote not in text] == []


def test_when_a_tab_shows_a_claim_then_it_is_checked_there(
    table: tuple[str, list[Claim]], tab: str, book: Config
) -> None:
    """A check in a tab whose readers never see the sentence proves nothing to them."""
    notebook = notebook_of(read_section(book, PurePosixPath(table[0])), tab, book)
    seen = "\n".join(cell.source for cell in notebook.cells)
    unseen, unproved = [], []
    for claim in table[1]:
        if claim.check_for(tab) and claim.quote not in seen:
            unseen.append(claim.quote)
        elif claim.checks and claim.quote in seen and not claim.check_for(tab):
            unproved += [] if claim.elsewhere else [claim.quote]
    assert (unseen, unproved) == ([], [])


def test_when_claim_is_listed_then_it_is_checked_or_says_why_not(
    table: tuple[str, list[Claim]], book: Config
) -> None:
    known = {*book.tab_names, "*"}
    for claim in table[1]:
        assert bool(claim.checks) != bool(claim.unchecked), claim.quote
        assert set(claim.checks) <= known, claim.quote


def test_when_summary_has_a_bullet_then_a_claim_covers_it(
    table: tuple[str, list[Claim]], book: Config
) -> None:
    text = (book.root / table[0]).read_text(encoding="utf-8")
    summary = re.search(rf"^## {SUMMARY_HEADING}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert summary, f"{table[0]} has no {SUMMARY_HEADING}"
    bullets = re.findall(r"^[*-] (.+(?:\n  .+)*)", summary[1], re.M)
    assert bullets
    bare = [
        bullet
        for bullet in bullets
        if not any(claim.quote in bullet for claim in table[1])
    ]
    assert bare == []
