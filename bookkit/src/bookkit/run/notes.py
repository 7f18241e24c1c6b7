"""What a notebook says to its reader where code was not run, or a run ended."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from bookkit.book.marks import NO_RUN, NONDETERMINISTIC, RAISES, TAGS
from bookkit.book.words import read_words
from bookkit.run.declared import is_skipped, with_tags
from bookkit.run.results import Result, Status

#: Words for the ways in which a run ends, but for an error that shows by itself.
_ENDS = {
    Status.TIMED_OUT: "run_too_long",
    Status.FLOODED: "run_printed_too_much",
    Status.DIED: "run_kernel_died",
}


def annotate(
    notebook: Any, result: Result, language: str, notes: Mapping[int, str] | None = None
) -> Any:
    """Say what a result lacks, in a notebook with its outputs, which is changed.

    `notes` are keys of what else is to be said, by the position of a cell.
    Cells also get the tags by which other tools do what the run did.
    """
    words = read_words("bookkit.book", language)
    code = [at for at, one in enumerate(notebook.cells) if one.cell_type == "code"]
    for at in code:
        cell = notebook.cells[at]
        if result.status is Status.NOT_RUN:
            notebook.cells[at] = with_tags(cell, TAGS[NO_RUN])
        elif is_skipped(cell):
            _say(cell, words["run_skipped"])
        elif result.passed and any(o.output_type == "error" for o in cell.outputs):
            notebook.cells[at] = with_tags(cell, TAGS[RAISES])
        if note := (notes or {}).get(cell.metadata.get("origin_pos")):
            notebook.cells[at] = with_tags(notebook.cells[at], TAGS[NONDETERMINISTIC])
            _say(notebook.cells[at], words[note])
    if result.passed or not code:
        return notebook
    failed = result.failure.position if result.failure else None
    place = next(
        (at for at in code if notebook.cells[at].metadata.get("origin_pos") == failed),
        None,
    )
    if place is None:
        declared = result.status is Status.NOT_RUN
        said = words["run_declared" if declared else "run_impossible"]
        _say(notebook.cells[code[0]], said)
    else:
        last = place == code[-1]
        _say(notebook.cells[place], _ended(result.status, last, words))
    return notebook


def _ended(status: Status, last: bool, words: Mapping[str, str]) -> str:
    said = [words[_ENDS.get(status, "run_ended")]]
    said += [] if last else [words["run_below"]]
    return words["run_between"].join(said)


def _say(cell: Any, text: str) -> None:
    from nbformat.v4 import new_output

    note = f'<p class="bk-note"><em>{html.escape(text)}</em></p>'
    data = {"text/plain": text, "text/html": note}
    said = new_output("display_data", data=data)  # type: ignore[no-untyped-call]
    cell.outputs = [*cell.outputs, said]
