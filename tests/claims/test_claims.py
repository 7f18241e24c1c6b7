"""Every claim of every section, in the kernel of every tab that shows it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from claims import Claim
from kernels import Kernel, KernelError

from bookkit.config import Config
from bookkit.source import notebook_of, read_section

TABLES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith(("test_", "claims"))
)
SUMMARY_HEADING = "小结"


@pytest.fixture(scope="module", params=TABLES)
def table(request: pytest.FixtureRequest) -> tuple[str, list[Claim]]:
    """Return a section's path and its claims."""
    module = importlib.import_module(request.param)
    return module.SECTION, module.CLAIMS


@pytest.fixture(scope="module")
def ran(
    table: tuple[str, list[Claim]],
    tab: str,
    book: Config,
    start_kernel: Callable[[str], Kernel],
) -> Iterator[Kernel]:
    """Return a kernel in which the tab's whole notebook has run."""
    section = read_section(book, PurePosixPath(table[0]))
    notebook = notebook_of(section, tab, book)
    kernel = start_kernel(tab)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            kernel.run(cell.source)
    yield kernel
    kernel.stop()


def test_when_notebook_ran_then_every_claim_holds(
    ran: Kernel, table: tuple[str, list[Claim]], tab: str
) -> None:
    false = []
    for claim in table[1]:
        code = claim.check_for(tab)
        if code is None:
            continue
        try:
            ran.run(code)
        except KernelError as error:
            false.append(f"[{tab}] {claim.quote}\n{error}")
    assert not false, "\n\n".join(false)


def test_when_claim_is_quoted_then_section_says_it(
    table: tuple[str, list[Claim]], book: Config
) -> None:
    text = (book.root / table[0]).read_text(encoding="utf-8")
    assert [claim.quote for claim in table[1] if claim.quote not in text] == []


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
