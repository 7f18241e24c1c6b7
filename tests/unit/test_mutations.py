"""What `make mutants` changes of a text, and how comments of shapes are compared."""

from __future__ import annotations

import ast
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import numpy
import pytest
import shapes
from operators import Mutant, mutants_of, sample
from small_books import code, write_book

from bookkit.book.source import read_section

TEXT = (
    "# One\n\n训练3步不会变，`a`小于`b`。\n\n"
    + code("alpha", "x = f(2, flag=True)  # (2, 3)", "y = x + 1")
    + code("beta", "x = g(2)")
    + ":begin_tab:`alpha`\n甲。\n:end_tab:\n\n:begin_tab:`beta`\n乙。\n:end_tab:\n"
)
BETWEEN = "`{}`\n甲。\n:end_tab:\n\n:begin_tab:`{}`"


@pytest.fixture
def mutants(tmp_path: Path) -> list[Mutant]:
    book = write_book(tmp_path, {"one.md": TEXT})
    return list(mutants_of(read_section(book, PurePosixPath("one.md"))))


@pytest.mark.parametrize(
    ("operator", "old", "new"),
    [
        ("number in prose", "训练3步", "训练4步"),
        ("negation", "不会变", "会变"),
        ("code in prose", "`a`小于", "`b`小于"),
        (
            "tabs of prose",
            *(
                "`alpha`\n甲。\n:end_tab:\n\n:begin_tab:`beta`",
                "`beta`\n甲。\n:end_tab:\n\n:begin_tab:`alpha`",
            ),
        ),
        ("number in a cell", "f(2,", "f(3,"),
        ("flag", "flag=True", "flag=False"),
        ("sign", "x + 1", "x - 1"),
        ("name", "x = f(2", "f = f(2"),
        ("shape in a comment", "(2, 3)", "(2, 4)"),
        ("tabs of cells", "x = f(2, flag=True)  # (2, 3)\ny = x + 1", "x = g(2)"),
    ],
)
def test_each_operator_changes_one_place(
    mutants: list[Mutant], operator: str, old: str, new: str
) -> None:
    made = [one.apply(TEXT) for one in mutants if one.operator == operator]
    assert TEXT.replace(old, new, 1) in made
    assert TEXT not in made


def test_statements_change_places(mutants: list[Mutant]) -> None:
    (one,) = [one for one in mutants if one.operator == "order of statements"]
    assert "y = x + 1\nx = f(2, flag=True)" in one.apply(TEXT)
    assert one.tabs == ("alpha",)
    assert one.told(TEXT).startswith("one.md:7: order of statements [alpha]\n")


def test_a_seed_chooses_the_same_and_of_each_operator_as_many(
    mutants: list[Mutant],
) -> None:
    chosen = sample(mutants, 8, seed=1)
    assert chosen == sample(mutants, 8, seed=1)
    assert len({one.operator for one in chosen}) == 8


class Shell:
    """As much of IPython's as `watch` needs."""

    def __init__(self) -> None:
        self.user_ns = {"numpy": numpy}
        self.events = SimpleNamespace(register=self._register)
        self.ast_transformers = []

    def _register(self, name: str, task) -> None:
        assert name == "pre_run_cell"
        self._told = task

    def run(self, source: str) -> None:
        self._told(SimpleNamespace(raw_cell=source))
        tree = ast.parse(source)
        for one in self.ast_transformers:
            tree = one.visit(tree)
        exec(compile(tree, "cell", "exec"), self.user_ns)


CELL = """\
X = numpy.ones((2, 20))
W = numpy.ones((20, 3))
def layer(units):
    return X @ W[:, :units]  # -> ({units})
def both(num_inputs, num_outputs):
    return numpy.ones((num_outputs, num_inputs))  # ({both})
def never():
    return X  # (2, 20)
layer(3), both(4, 5)
Y = X @ W  # {chain}
L = list(numpy.ones((5, 2, 2)))  # {number}
N = X.astype("int32")  # {kind}
"""
RIGHT = {
    "units": "n, units",
    "both": "输出, 输入",
    "chain": "(n, 20) -> (n, 3)",
    "number": "5个(2, 2)",
    "kind": "int32",
}
WRONG = [
    ("units", "n, n"),
    ("both", "输入, 输出"),
    ("chain", "(n, 20) -> (n, 4)"),
    ("chain", "(n, 21) -> (n, 3)"),
    ("chain", "(m, 20) -> (n, 3, 1)"),
    ("number", "6个(2, 2)"),
    ("number", "5个(2, 3)"),
    ("kind", "float32"),
]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setattr(shapes, "_watched", {})
    shell = Shell()
    shapes.watch(shell)
    return shell


def test_when_a_comment_tells_the_shape_then_only_a_line_that_never_ran_is_told(
    shell: Shell,
) -> None:
    shell.run(CELL.format(**RIGHT))
    assert shapes.report(all_ran=False) == []
    assert shapes.report(all_ran=True) == ["return X  # (2, 20): it never ran"]


@pytest.mark.parametrize(("part", "wrong"), WRONG)
def test_when_a_comment_tells_another_shape_then_it_is_told(
    shell: Shell, part: str, wrong: str
) -> None:
    shell.run(CELL.format(**RIGHT | {part: wrong}))
    (told,) = shapes.report(all_ran=False)
    assert wrong in told and ": found " in told
