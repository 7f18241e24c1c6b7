"""Cells read files in the ways that the text calls safe, wherever they read any.

读写文件 says what each of these arguments is for; an output does not tell its value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from bookkit.book.config import Config
from bookkit.book.solutions import run_notebook_of
from bookkit.book.source import Section, read_book
from bookkit.book.syntax import parse_code

#: Function -> an argument that it must be given: its default depends on the version.
NEEDED = {"torch.load": ("weights_only", True)}
#: Arguments with which reading a file may run what is in it.
UNSAFE = {("allow_pickle", True), ("safe_mode", False), ("weights_only", False)}


@pytest.fixture(scope="module")
def sections(book: Config) -> list[Section]:
    return read_book(book)


def unsafe_calls(sections: list[Section], tab: str, book: Config) -> Iterator[str]:
    """Yield the calls in a tab's cells that may run what a file contains."""
    for section in sections:
        notebook = run_notebook_of(section, tab, book)
        for cell in notebook.cells if notebook else ():
            tree = parse_code(cell.source) if cell.cell_type == "code" else None
            for call in ast.walk(tree) if tree else ():
                if isinstance(call, ast.Call) and not _is_safe(call):
                    yield f"{section.path} [{tab}]: {ast.unparse(call)}"


def _is_safe(call: ast.Call) -> bool:
    given = {
        (one.arg, one.value.value) for one in call.keywords if isinstance(one.value, ast.Constant)
    }
    needed = NEEDED.get(ast.unparse(call.func))
    return not given & UNSAFE and (needed is None or needed in given)


def test_when_a_cell_reads_a_file_then_it_runs_nothing_in_it(
    sections: list[Section], tab: str, book: Config
) -> None:
    assert list(unsafe_calls(sections, tab, book)) == []


@pytest.mark.parametrize(
    "source",
    [
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "numpy.load(path, allow_pickle=True)",
        "tf.keras.models.load_model(path, safe_mode=False)",
    ],
)
def test_when_a_call_is_unsafe_then_it_is_found(source: str) -> None:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call) and not _is_safe(call)
