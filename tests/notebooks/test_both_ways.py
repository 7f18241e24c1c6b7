"""A forked kernel gives the reader what a spawned one gives."""

from __future__ import annotations

from bookkit import execute, workflow
from bookkit.config import Config
from bookkit.results import Result
from bookkit.source import read_book


def outputs(results: list[Result]) -> dict[tuple[str, str, int], object]:
    """Return the outputs of every code cell: section, tab, number -> outputs."""
    return {
        (result.section, result.tab, number): cell.outputs
        for result in results
        for number, cell in enumerate(result.cells)
    }


def test_when_kernels_are_forked_or_spawned_then_all_outputs_are_equal(
    book: Config,
) -> None:
    with workflow.locked(book):
        jobs = execute.plan(book, read_book(book))
        forked = execute.run(book, jobs, execute.Options(use_cache=False))
        # What spawned kernels show does not depend on our code: it is kept.
        spawned = execute.run(
            book, jobs, execute.Options(prefork=False, store="cache-spawned")
        )
    assert [result.failure for result in spawned if not result.passed] == []
    one, other = outputs(forked), outputs(spawned)
    assert one.keys() == other.keys()
    assert {key: one[key] for key in one if one[key] != other[key]} == {}
    assert len(jobs) == len(forked) > 0
