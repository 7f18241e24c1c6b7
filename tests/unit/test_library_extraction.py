"""Saved code: what is taken, what comes with it, and how it is written down."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from small_books import code, write_book

from bookkit.book.config import Config, load
from bookkit.book.source import read_book
from bookkit.check import check_book
from bookkit.errors import BookkitError, SourceError
from bookkit.library.reach import reachable_saved
from bookkit.library.saved import extract
from bookkit.library.write import build_library, render_library

HEAD = "# One\n:label:`sec_one`\n\n"


def book_of(root: Path, *cells: str, imports: str = "import math") -> Config:
    text = HEAD + code("all", imports)
    text += "".join(code("alpha, beta", cell) for cell in cells)
    return write_book(root, {"one.md": text})


def rendered(root: Path, *cells: str, imports: str = "import math") -> str:
    config = book_of(root, *cells, imports=imports)
    text = render_library(config, read_book(config))[root / "small" / "alpha.py"]
    return text.split('"""\n\n', 1)[1].split("\n\n\ndef __getattr__")[0]


def imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("small_alpha", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "small_alpha", module)
        spec.loader.exec_module(module)
    return module


def test_a_function_keeps_its_text_and_gets_one_line_of_docstring(tmp_path):
    cell = (
        "def area(r, *, k=2):  #@save\n"
        "    '''The area.\n\n    Of a disc.'''\n"
        "    # the comment stays, and so do 'quotes'\n"
        "    return math.pi * r**k"
    )
    assert rendered(tmp_path, cell) == (
        "import math\n\n"
        '__all__ = ["area"]\n\n\n'
        "def area(r, *, k=2):\n"
        '    """The area.\n\n    Of a disc.\n\n    Defined in One (sec_one).\n    """\n'
        "    # the comment stays, and so do 'quotes'\n"
        "    return math.pi * r**k"
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("def f(): return 1  #@save", 'def f():\n    """{}"""\n    return 1'),
        ("#@save\ndef f():\n    return 1", 'def f():\n    """{}"""\n    return 1'),
        (
            "def f(a,\n      b):  # @save\n    return a",
            'def f(a,\n      b):\n    """{}"""\n    return a',
        ),
        (
            "async def f() -> int:  #@save\n    return 1",
            'async def f() -> int:\n    """{}"""\n    return 1',
        ),
        (
            "class A:  #@save\n    x = '#@save'",
            'class A:\n    """{}"""\n\n    x = \'#@save\'',
        ),
        (
            "class A:  #@save\n    '面积'\n    x = 1",
            'class A:\n    """面积\n\n    {}\n    """\n\n    x = 1',
        ),
        (
            "class A:  #@save\n    @property\n    def x(self):\n        return 1",
            'class A:\n    """{}"""\n\n'
            "    @property\n    def x(self):\n        return 1",
        ),
        ("A: int = 1  #@save", "# {}\nA: int = 1"),
        ("A = (1,  #@save\n     2)", "# {}\nA = (1,\n     2)"),
    ],
)
def test_each_kind_of_statement_can_be_saved(tmp_path, cell, expected):
    body = rendered(tmp_path, cell).split("]\n", 1)[1].lstrip("\n")
    assert body == expected.format("Defined in One (sec_one).")


def test_decorators_are_kept(tmp_path):
    cell = "@cache\ndef f():  #@save\n    return 1"
    text = rendered(tmp_path, cell, imports="from functools import cache")
    assert "from functools import cache\n" in text
    assert "@cache\ndef f():\n" in text


def test_only_the_imports_that_saved_code_needs_come_along(tmp_path):
    imports = (
        "import collections.abc\nimport math\nimport os.path\nimport sys\n"
        "from typing import Any, List, Optional, Tuple"
    )
    cell = (
        "def f(x: Any, y: 'Optional[int]' = None) -> List[int]:  #@save\n"
        "    def g(sys):\n        return [math.pi for _ in sys]\n"
        "    return isinstance(g(x), collections.abc.Sized)"
    )
    assert rendered(tmp_path, cell, imports=imports).split("\n\n__all__")[0] == (
        "import collections.abc\nimport math\nfrom typing import Any, List, Optional"
    )


def test_a_submodule_comes_along_only_where_it_is_named(tmp_path):
    cell = "def f():  #@save\n    return xml.dom.Node"
    imports = "import xml\nimport xml.dom\nimport xml.sax"
    text = rendered(tmp_path, cell, imports=imports)
    assert text.startswith("import xml\nimport xml.dom\n\n__all__")


def test_saved_imports_are_public_names(tmp_path):
    text = rendered(tmp_path, "from os import path, sep  #@save", "x = 1  #@save")
    assert "from os import path, sep\n" in text
    assert '__all__ = ["path", "sep", "x"]' in text


def test_the_module_can_use_itself_by_the_name_of_the_book(tmp_path):
    cells = [
        "def f():  #@save\n    return 1",
        "def g():  #@save\n    return small.f() + 1",
    ]
    text = HEAD + code("alpha", "from small import alpha as small")
    text += code("beta", "from small import beta as small")
    text += "".join(f"Next.\n\n{code('alpha, beta', cell)}" for cell in cells)
    config = write_book(tmp_path, {"one.md": text})
    build_library(config)
    assert imported(tmp_path / "small" / "alpha.py").g() == 2
    assert [str(finding) for finding in check_book(config)] == []


def test_when_a_name_is_defined_but_not_saved_then_its_line_is_named(tmp_path):
    config = book_of(tmp_path, "def g():\n    return 1", "A = g  #@save")
    with pytest.raises(SourceError) as caught:
        build_library(config)
    assert str(caught.value).splitlines()[:2] == [
        "one.md:17 [alpha]: BK504 saved code uses `g`, which is defined at line 11 "
        "without `#@save`",
        "  expected: `#@save` on `g` too, or an import of it in the section",
    ]
    assert not (tmp_path / "small").exists()


def test_setup_statements_never_run_on_import(tmp_path):
    imports = "import decimal\n\ndecimal.getcontext().prec = 3"
    text = rendered(
        tmp_path, "def f():  #@save\n    return decimal.Decimal(1)", imports=imports
    )
    assert "getcontext" not in text


def test_what_is_written_runs_and_says_what_exists(tmp_path):
    config = book_of(
        tmp_path, "def area(r):  #@save\n    return math.pi * r", "LIMIT = 3  #@save"
    )
    build_library(config)
    module = imported(tmp_path / "small" / "alpha.py")
    assert module.area(2) > 6
    assert module.__all__ == ["area", "LIMIT"]
    with pytest.raises(AttributeError) as caught:
        module.aera(2)
    assert str(caught.value) == (
        "small_alpha has no aera; perhaps area; it has area, LIMIT"
    )
    assert not hasattr(module, "nothing")


def test_the_second_time_nothing_is_written(tmp_path):
    config = book_of(tmp_path, "A = 1  #@save")
    paths = [tmp_path / "small" / "alpha.py", tmp_path / "small" / "beta.py"]
    assert build_library(config, check_only=True) == paths and not paths[0].exists()
    assert build_library(config) == paths
    before = paths[0].stat().st_mtime_ns
    assert build_library(config) == [] == build_library(config, check_only=True)
    assert paths[0].stat().st_mtime_ns == before
    with open(paths[1], "a", encoding="utf-8") as module:
        module.write("x = 1")
    assert build_library(config, check_only=True) == [paths[1]] == build_library(config)
    left = sorted(path.name for path in (tmp_path / "small").iterdir())
    assert left == ["alpha.py", "beta.py"]


def test_only_the_selected_tabs_are_written(tmp_path):
    book_of(tmp_path, "A = 1  #@save")
    config = load(tmp_path, ["beta"])
    assert build_library(config) == [tmp_path / "small" / "beta.py"]
    assert not (tmp_path / "small" / "alpha.py").exists()


def test_when_the_folder_cannot_be_made_then_the_file_is_named(tmp_path):
    config = book_of(tmp_path, "A = 1  #@save")
    (tmp_path / "small").write_text("in the way", encoding="utf-8")
    with pytest.raises(BookkitError) as caught:
        build_library(config)
    assert str(caught.value) == (
        f"{tmp_path}/small/alpha.py: cannot be written: File exists\n"
        "  expected: a folder that can be written to, on a disk with room\n"
        "  next: bookkit lib"
    )


def test_what_is_written_is_what_ruff_would_write(tmp_path):
    cells = [
        "def area(r):  #@save\n    return math.pi * r",
        'class A:  #@save\n    """Say."""\n    x = 1',
        *[f"NAME_THAT_IS_LONG_{n} = {n}  #@save" for n in range(5)],
    ]
    config = book_of(tmp_path, *cells)
    build_library(config)
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["format", "--diff"], ["check", "--select", "E,F,I"]):
        done = subprocess.run(
            [ruff, *command, "--no-cache", "--isolated", tmp_path / "small"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


REACH = [
    "def low():  #@save\n    return 1",
    "def high():  #@save\n    return low()",
    "def other():  #@save\n    return 3",
]


@pytest.mark.parametrize(
    ("notebook", "names"),
    [
        ("x = 1", []),
        ("from small import alpha as d2l\nd2l.high()", ["low", "high"]),
        ("from small import alpha\nalpha.other", ["other"]),
        ("import small.alpha\nsmall.alpha.other()", ["other"]),
        ("import small.alpha as s\n!ls\ns.low()", ["low"]),
        ("from small.alpha import high as h", ["low", "high"]),
        ("from small.alpha import *", ["low", "high", "other"]),
        ("from small import alpha as d2l\ngetattr(d2l, 'x')", ["low", "high", "other"]),
        ("import small.alpha\ngetattr(small.alpha, 'x')", ["low", "high", "other"]),
        ("import small.alpha\nm = small\nm.alpha.low()", ["low", "high", "other"]),
        ("import small.alpha\nf = small.alpha\nf.low()", ["low", "high", "other"]),
        ("import small.alpha\nsmall.alpha.low.__doc__", ["low"]),
        ("from small import beta as d2l\nd2l.high()", []),
        ("import small.alpha as s\nx = = 1", ["low", "high", "other"]),
        ("import small.alpha as s\n%timeit s.low()", ["low", "high", "other"]),
        ("from small.alpha import low\nx = %time low()", ["low", "high", "other"]),
        ("%%time\nfrom small import alpha as d2l\nd2l.low()", ["low"]),
        ("%%writefile x.py\nimport small.alpha", ["low", "high", "other"]),
        ("%run helper.py", ["low", "high", "other"]),
        ("!python helper.py", ["low", "high", "other"]),
        ("%matplotlib inline\n!pip list", []),
        ("m = __import__('small.' + 'alpha')", ["low", "high", "other"]),
        ("import importlib as i\ni.import_module(x)", ["low", "high", "other"]),
        ("__import__('small.alpha').alpha.low()", ["low", "high", "other"]),
        ("import small\n__import__('os').getcwd()", []),
    ],
)
def test_a_notebook_reaches_what_it_names_and_its_needs(tmp_path, notebook, names):
    config = book_of(tmp_path, *REACH)
    library = extract(config, read_book(config), config.tab("alpha"))
    text = "\n\n".join(reachable_saved(library, [notebook]).values())
    assert [name for name in ("low", "high", "other") if f"def {name}(" in text] == (
        names
    )


@pytest.mark.parametrize(
    "body", ["return getattr(d2l, 'lo' + 'w')()", "return globals()['lo' + 'w']()"]
)
def test_saved_code_that_takes_its_module_as_a_whole_reaches_all_of_it(tmp_path, body):
    cell = f"from small import alpha as d2l\ndef any_of():  #@save\n    {body}"
    config = book_of(tmp_path, *REACH, cell)
    library = extract(config, read_book(config), config.tab("alpha"))
    reached = reachable_saved(library, ["from small import alpha\nalpha.any_of()"])
    assert {"low", "high", "other"} <= reached.keys()
