"""Every exercise's check takes a right answer and tells what is wrong with others."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from kernels import Kernel
from tables import load_table, names_of

from bookkit.book.config import Config
from bookkit.book.source import notebook_of, read_section
from bookkit.book.syntax import parse_code

HERE = Path(__file__).parent
STUB = "NotImplementedError"
NOT_WRITTEN, RIGHT = "'还没有写'", "'正确'"


@pytest.fixture(scope="module", params=names_of(HERE))
def name(request: pytest.FixtureRequest) -> str:
    """Return the module of a section's answers."""
    return request.param


def stubs(book: Config, section: str, tab: str) -> dict[str, str]:
    """Return call -> source of the cells that leave something to the reader."""
    found = {}
    for cell in notebook_of(read_section(book, PurePosixPath(section)), tab, book).cells:
        if cell.cell_type == "code" and f"raise {STUB}" in cell.source:
            tree = parse_code(cell.source)
            assert tree is not None
            found[ast.unparse(tree.body[-1])] = cell.source
    return found


def test_when_an_answer_is_tried_then_the_check_judges_it(
    name: str, tab: str, book: Config, ran: Callable[[str, str], Kernel]
) -> None:
    table = load_table(HERE, name)
    cells = stubs(book, table.SECTION, tab)
    assert list(cells) == [exercise.call for exercise in table.EXERCISES]
    kernel, unfair = ran(table.SECTION, tab), []
    for number, exercise in enumerate(table.EXERCISES):
        told = {"stub": kernel.run(cells[exercise.call])}
        stub = exercise.call.removeprefix("check(").partition(",")[0]
        for kind in ("right", "wrong"):
            made = f"answer({name!r}, {number}, {kind!r}, {tab!r}, globals())"
            kernel.run(f"{stub} = __import__('exercises').{made}")
            told[kind] = kernel.run(exercise.call)
        if not (
            told["stub"] == NOT_WRITTEN
            and told["right"] == RIGHT
            and exercise.says in told["wrong"]
        ):
            unfair.append(f"[{tab}] {exercise.call}: {told}")
    assert not unfair, "\n".join(unfair)


def test_when_sections_have_a_check_then_it_is_the_same_everywhere(
    book: Config,
) -> None:
    found = set()
    for path in (book.root / "chapter_computation").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        for cell in text.split("```{.python .input}\n")[1:]:
            if cell.startswith("#@tab all\ndef check("):
                found.add(cell.partition("\n```")[0])
            else:
                assert "def check(" not in cell, path
    assert len(found) == 1
