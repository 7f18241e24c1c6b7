"""Where cells use saved functions, and where they only seem to."""

import pytest

from bookkit.library.uses import Use, find_uses, saved_names

MODULE = "d2l.torch"
IMPORT = "from d2l import torch as d2l"
SAVE = "def f(x):  #@save\n    return x"


def names(*cells: str) -> list[str]:
    return [use.written for use in find_uses(cells, MODULE)[-1]]


def test_when_called_by_the_module_then_the_place_of_the_name_is_told():
    found = find_uses([IMPORT, "号 = 1\nprint('号', d2l.f(1))"], MODULE)
    assert found == [[], [Use(2, 15, "f", "f")]]
    assert "print('号', d2l.f(1))"[15:16] == "f"


@pytest.mark.parametrize(
    "cell",
    [
        "import d2l.torch\nd2l.torch.f(1)",
        "from d2l.torch import f\nf(1)",
        "import d2l.torch as d2l\nd2l.f",
        f"{IMPORT}\nd2l.\\\n  f(1)",
        f"{IMPORT}\n%time d2l.g()\nd2l.f(1)",
        f"def run():\n    {IMPORT}\n    return d2l.f(1)",
        "from d2l.torch import f\n@f\ndef g(x=f): pass",
        f"{IMPORT}\nx = [d2l.f(i) for i in range(3)]",
    ],
)
def test_when_the_library_is_imported_then_uses_are_found(cell):
    assert set(names(cell)) == {"f"}


def test_when_imported_under_another_name_then_the_use_tells_both():
    (found,) = find_uses(["from d2l.torch import f as g\ng(1)"], MODULE)
    assert found == [Use(2, 0, "g", "f")]


def test_when_defined_on_the_page_then_its_own_name_is_a_use():
    assert names(SAVE, "f(1) + f(2)") == ["f", "f"]
    assert names(SAVE) == []  # its definition is none
    assert names("f(1)", SAVE, "x = f") == ["f"]
    assert names("def g():  #@save\n    return f()\n\n" + SAVE) == ["f"]


@pytest.mark.parametrize(
    "cell",
    [
        "# f(1) and d2l.f(1)",
        "'f(1)', \"d2l.f(1)\"",
        "x.f(1)",
        "f = 1",
        "dict(f=1)",
        "def g(f):\n    return f(1)",
        "def g():\n    f = len\n    return f(1)",
        "lambda f: f(1)",
        "%%bash\nf 1",
        "f(",
    ],
)
def test_when_the_name_means_something_else_then_there_is_no_use(cell):
    assert names(IMPORT, SAVE, cell) == []


@pytest.mark.parametrize(
    "other",
    [
        "f = print",
        "def f(): pass",
        "from math import sin as f",
        "for f in []: pass",
        "with open('a') as f: pass",
        "f, g = 1, 2",
        "if x:\n    f = 1",
    ],
)
def test_when_another_cell_binds_the_name_then_it_is_left_alone(other):
    assert names(SAVE, other, "f(1)") == []


def test_when_another_cell_takes_the_modules_name_then_it_is_left_alone():
    assert names(IMPORT, "d2l = 3", "d2l.f(1)") == []
    assert names("from d2l import paddle as d2l", "d2l.f(1)") == []


def test_when_cells_are_marked_then_their_definitions_are_saved_names():
    assert saved_names(SAVE) == ("f",)
    assert saved_names("import math  #@save\n#@save\nclass C: pass\nx = 1 #@save") == (
        "C",
        "x",
    )
    assert saved_names("def f(): pass\n'#@save'") == ()
