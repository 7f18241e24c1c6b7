"""Solutions show each check take a right answer, and tell what is wrong with another."""

from __future__ import annotations

import ast
import re
from pathlib import Path, PurePosixPath

import pytest
from kernels import Kernel, wrong_shapes

from bookkit.book.config import Config, load
from bookkit.book.inputs import section_files, solution_file
from bookkit.book.solutions import exercises_of, solutions_of
from bookkit.book.source import Section, notebook_of, read_section
from bookkit.book.syntax import parse_code
from bookkit.publish.course import POINTS

STUB, CHECK = "NotImplementedError", "d2l.check("
NOT_WRITTEN, RIGHT = "还没有写", "正确"
QUOTE = re.compile(r"`([^`]+)`")
KIND = re.compile(r"^\d+\. \*\*(编写|改写|改错|预测|测量|开放) (★{1,3})(☆{0,2})\*\*：")
HINT = "<summary>提示</summary>"
MARKS = "**评分**："


def sections_with_exercises() -> list[str]:
    book = load(Path(__file__).parents[2])
    text = {path: (book.root / path).read_text("utf-8") for path in section_files(book)}
    return [str(path) for path in text if "## 练习\n" in text[path]]


@pytest.fixture(scope="module", params=sections_with_exercises())
def section(request: pytest.FixtureRequest, book: Config) -> Section:
    return read_section(book, PurePosixPath(request.param))


def test_each_exercise_says_its_kind_and_how_hard_it_is_and_has_a_solution(section):
    assert section.solution, f"{section.path} has no solutions"
    found, solved_ones = exercises_of(section.text), solutions_of(section.solution.text)
    assert len(found) >= 3 and list(solved_ones) == list(found)
    for number, text in found.items():
        kind = KIND.match(text)
        assert kind and len(kind[2] + kind[3]) == 3, text[:60]
        asks_for_code = kind[1] in ("编写", "改写", "改错")
        assert (STUB in text) == (CHECK in text) == asks_for_code, text[:60]
        assert not asks_for_code or HINT in text, f"{number} has no hint"
        if not asks_for_code:
            marks = re.findall(rf"^{re.escape(MARKS)}(.*)$", solved_ones[number], re.M)
            assert len(marks) == 1, f"{number}: how is it marked?"
            given = sum(map(int, re.findall(r"(\d+)分", marks[0])))
            assert given == POINTS[len(kind[2])], f"{number}: {marks[0]}"


def test_when_an_answer_is_tried_then_the_check_judges_it(section, tab, book, ran):
    kernel: Kernel = ran(str(section.path), tab)
    stubs = checks_in(section, tab, book)
    told: dict[str, list[str]] = {}
    for source in stubs.values():
        assert ast.literal_eval(kernel.run(source)) == NOT_WRITTEN, source
    prose = "\n".join(
        cell.source
        for cell in notebook_of(section.solution, tab, book).cells
        if cell.cell_type == "markdown"
    )
    quotes = [quote.rstrip("…") for quote in QUOTE.findall(prose)]
    for cell in notebook_of(section.solution, tab, book).cells:
        if cell.cell_type != "code":
            continue
        printed = kernel.run(cell.source)
        call = last_call(cell.source)
        if call in stubs:
            told.setdefault(call, []).append(ast.literal_eval(printed))
    assert set(told) == set(stubs)
    unfair = []
    for call, said in told.items():
        wrong = [one for one in said if one != RIGHT]
        quoted = [one for one in wrong if any(q and one.startswith(q) for q in quotes)]
        if RIGHT not in said or not wrong or quoted != wrong or NOT_WRITTEN in said:
            unfair.append(f"[{tab}] {call}: {said}")
    assert not unfair, "\n".join(unfair)
    assert wrong_shapes(kernel, all_ran=True) == []


def checks_in(section: Section, tab: str, book: Config) -> dict[str, str]:
    """Return the cells that leave something to the reader, by their last lines."""
    cells = [c.source for c in notebook_of(section, tab, book).cells if c.cell_type == "code"]
    return {last_call(one): one for one in cells if f"raise {STUB}" in one and CHECK in one}


def last_call(source: str) -> str:
    tree = parse_code(source)
    return ast.unparse(tree.body[-1]) if tree and tree.body else ""


def test_every_file_of_solutions_belongs_to_a_section(book: Config):
    folder = book.root / str(book.solutions)
    files = {path.relative_to(book.root) for path in folder.rglob("*.md")}
    assert files == {Path(str(solution_file(book, path))) for path in section_files(book)} & files
