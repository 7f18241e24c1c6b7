"""Cells show what was approved: a constant that changes is seen by what it changes.

`approved/TAB.json` has what each cell shows. It holds for the versions that it names,
on CPUs of that kind; on other machines nbval and the claims are left.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from outputs import APPROVED, NEXT, differences, made_with, same, shown

from bookkit.book.config import Config
from bookkit.book.source import read_book
from bookkit.files import write_whole
from bookkit.run.execute import Run
from bookkit.run.options import Options
from bookkit.run.plan import Job, plan
from bookkit.run.results import Result, lay_over

ACCEPT = "BOOKKIT_ACCEPT"
Ran = list[tuple[Job, Result]]


@pytest.fixture(scope="module")
def results(book: Config, available_tabs: list[str]) -> Callable[[str], Ran]:
    """Return a function: what each notebook of a tab gave; what is kept is not run."""
    jobs = [job for job in plan(book, read_book(book)) if not job.unavailable]
    ran = list(zip(jobs, Run(book, jobs, Options()).finish(), strict=True))
    return lambda tab: [one for one in ran if one[1].tab == tab]


def test_when_a_cell_ran_then_it_shows_what_was_approved(
    tab: str, results: Callable[[str], Ran]
) -> None:
    path, ran = APPROVED / f"{tab}.json", results(tab)
    notebooks = {result.section: lay_over(result, job.notebook) for job, result in ran}
    found: dict[str, Any] = {name: shown(one.cells) for name, one in notebooks.items()}
    conditions = made_with([result for _, result in ran])
    if os.environ.get(ACCEPT):
        kept = {"made with": conditions, "shown": found}
        write_whole(path, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    approved = json.loads(path.read_text(encoding="utf-8"))
    if approved["made with"] != conditions:
        pytest.skip(f"approved: {approved['made with']}; here: {conditions}")
    wanted, wrong = approved["shown"], []
    assert list(found) == list(wanted), NEXT
    for name, cells in found.items():
        code = [one for one in notebooks[name].cells if one.cell_type == "code"]
        if len(cells) != len(wanted[name]):
            counts = f"{len(cells)} cells, {len(wanted[name])} approved"
            wrong.append(f"{name}: {counts}")
            continue
        for number, text in differences(wanted[name], cells):
            wrong.append(f"{name}, cell {number + 1}:\n{code[number].source}\n{text}")
    assert not wrong, "\n\n".join([f"[{tab}]", *wrong, NEXT])


PICTURE = "picture: a\n30 points around {}.0, {}.0"


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("0.0881", "0.0882", True),
        ("[1.25e-05, 3]", "[1.26e-05, 3]", True),
        ("loss 0.512", "loss 0.61", False),
        ("(2, 20)", "(2, 21)", False),
        ("256", "257", False),
        ("weight: 0.5", "bias: 0.5", False),
        ("[0.5]", "[0.5, 0.5]", False),
        (PICTURE.format(99, 10), PICTURE.format(98, 11), True),
        (PICTURE.format(99, 10), PICTURE.format(90, 10), False),
        (PICTURE.format(99, 10), PICTURE.format(99, 10).replace("30", "31"), False),
    ],
)
def test_when_outputs_differ_by_more_than_rounding_then_it_is_seen(
    one: str, other: str, wanted: bool
) -> None:
    assert same(one, other) is wanted
