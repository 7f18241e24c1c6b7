"""Whether a kept result can have come from a run: asked before it is believed.

A checksum finds damage. Who writes to a store can also seal what no run would leave.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bookkit.run.amount import size_of
from bookkit.run.outputs import count, tidy
from bookkit.run.results import Failure, Result, Status

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})?")


def judge(result: Result, cells: int) -> None:
    """Look whether a result is one of a notebook with so many code cells.

    Raises:
        ValueError: it is not, and why.
    """
    for problem in _problems(result, cells):
        raise ValueError(f"no run leaves {problem}")


def require_small(result: Result, limits: Mapping[str, float]) -> None:
    """Look whether cells show no more than `output_kb` and `picture_kb` of limits.

    Raises:
        ValueError: one shows more.
    """
    for cell in result.cells if result.status is not Status.FLOODED else ():
        sizes = [(0, 0), *map(size_of, cell.outputs)]
        shown = zip(("output_kb", "picture_kb"), zip(*sizes, strict=True), strict=True)
        for name, size in shown:
            if sum(size) > 1000 * limits.get(name, math.inf):
                raise ValueError(f"a cell shows more than {limits[name]:g} kB")


def _problems(result: Result, cells: int) -> Iterator[str]:
    if not result.lasting or result.status is Status.NOT_RUN:
        yield f"the status `{result.status.value}`"
    if (result.failure is None) != result.passed:
        yield f"`{result.status.value}` and this failure: {result.failure}"
    if result.failure is not None and not _is_failure(result.failure):
        yield "such a failure"
    if len(result.cells) != cells:
        yield f"{len(result.cells)} results for {cells} code cells"
    texts = (result.section, result.tab, result.device)
    if not all(map(_is_text, texts)) or not _are_texts(result.versions):
        yield "names that are no texts"
    if not (_is_text(result.date) and _DATE.fullmatch(result.date)):
        yield f"the date {result.date!r}"
    if not _is_amount(result.seconds) or not _is_amount(result.peak_mb or 0):
        yield "such times or memory"
    for number, cell in enumerate(result.cells, 1):
        if count(cell.execution_count) != cell.execution_count:
            yield f"the number {cell.execution_count!r} of cell {number}"
        if not _is_amount(cell.seconds):
            yield f"{cell.seconds!r} as seconds of cell {number}"
        shown = cell.outputs
        if not isinstance(shown, list) or shown != [*filter(None, map(tidy, shown))]:
            yield f"such outputs of cell {number}"


def _is_failure(failure: Failure) -> bool:
    texts = (failure.reason, failure.traceback, failure.streams)
    at = failure.position
    return all(map(_is_text, texts)) and (at is None or type(at) is int and at >= 0)


def _is_text(value: Any) -> bool:
    """Tell whether it is a text that UTF-8 can hold."""
    try:
        return isinstance(value, str) and bool(value.encode() or True)
    except UnicodeEncodeError:
        return False


def _are_texts(values: Any) -> bool:
    return isinstance(values, Mapping) and all(
        _is_text(one) for pair in values.items() for one in pair
    )


def _is_amount(value: Any) -> bool:
    is_number = type(value) in (int, float)
    return is_number and math.isfinite(value) and value >= 0
