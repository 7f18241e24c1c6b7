"""Every construct that real books save: what d2lbook writes of it, ours writes."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from d2lbook import notebook as their_notebook
from d2lbook.build import Builder
from d2lbook.config import Config as TheirConfig
from small_books import CONFIG, INDEX, code, write_book

from bookkit.book.config import Config, load
from bookkit.book.judge import judge
from bookkit.book.source import read_book
from bookkit.check import check_book
from bookkit.errors import SourceError
from bookkit.library.carry import carry
from bookkit.library.head import MARK
from bookkit.library.reach import reachable_saved
from bookkit.library.saved import extract
from bookkit.library.write import build_library

assert their_notebook  # d2lbook's builder needs the whole of it
TITLE = "# {0}\n:label:`sec_{0}`\n\nText.\n\n"
MODULE = "from d2l import alpha as d2l"
#: Two sections; cells of the first, then of the second.
BOOKS: dict[str, tuple[list[str], list[str]]] = {
    "methods of a class of another section": (
        [
            "import math",
            "class A:  #@save\n    def __init__(self):\n        self.x = 4",
        ],
        [
            MODULE + "\nimport math",
            "@d2l.add_to_class(d2l.A)  #@save\n"
            "def root(self):\n"
            '    """The root."""\n'
            "    return math.sqrt(self.x)",
            "@d2l.add_to_class(d2l.A)  #@save\ndef twice(self):\n    return 2 * self.x",
        ],
    ),
    "a block of imports": (
        ["#@save\nimport math\nimport os.path as path\nfrom json import dumps, loads"],
        ["#@save\ndef up(name):\n    return path.dirname(name)"],
    ),
    "imports and what they want done": (
        ["#@save\nimport warnings\nwarnings.filterwarnings('ignore')\nimport math"],
        ["x = 1"],
    ),
    "subscripts": (
        ["import math", "HUB = dict()  #@save"],
        [
            MODULE,
            "d2l.HUB['one'] = (  #@save\n    'address', 1)\n\n"
            "d2l.HUB['two'] = (  #@save\n    'other', 2)",
        ],
    ),
    "the module's own name": (
        ["#@save\nimport sys\nd2l = sys.modules[__name__]"],
        ["def f():  #@save\n    return d2l.sys.maxsize"],
    ),
    "one of all tabs, and a tab's own": (
        ["import math", "def f():  #@save\n    return 1"],
        ["def g():  #@save\n    return f()"],
    ),
    "what is not implemented yet": (
        ["import math", "def f():  #@save\n    raise NotImplementedError"],
        ["import math", "def f():  #@save\n    return math.pi"],
    ),
}


def book_of(
    root: Path, first: list[str], second: list[str], config: str = CONFIG, **more: str
) -> Config:
    cells = [[code("alpha, beta", one) for one in cells] for cells in (first, second)]
    own = config.replace("small/", "d2l/")
    return write_book(
        root,
        {
            "index.md": INDEX.replace("one", "one\ntwo"),
            "one.md": TITLE.format("one") + "More.\n\n".join(cells[0]),
            "two.md": TITLE.format("two") + "More.\n\n".join(cells[1]),
            **more,
        },
        own,
    )


def codes(config: Config) -> list[str]:
    """Return what is wrong in tab alpha, matters of style aside."""
    found = judge(config, check_book(config)).errors
    return [str(one) for one in found if one.tab == "alpha"]


def run_d2lbook(book: Config) -> str:
    """Return what `d2lbook build lib` makes of tab alpha, by its own functions."""
    before = Path.cwd()
    os.chdir(book.root)
    try:
        Path("d2l").mkdir(exist_ok=True)
        Builder(TheirConfig()).lib()
    finally:
        os.chdir(before)
    return (book.root / "d2l" / "alpha.py").read_text(encoding="utf-8")


def meaning(text: str) -> dict[str, str]:
    """Return what a module defines, by name, without docstrings."""
    return dict(_meaning(ast.parse(text).body))


def _meaning(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, str]]:
    for one in body:
        if isinstance(one, (ast.Import, ast.ImportFrom)):
            for alias in one.names:
                module = getattr(one, "module", "")
                yield alias.asname or alias.name, f"{module}.{alias.name}".strip(".")
        elif isinstance(one, ast.ClassDef):
            yield prefix + one.name, ast.dump(ast.Tuple(list(one.bases)))
            yield from _meaning(one.body, f"{one.name}.")
        elif isinstance(one, ast.FunctionDef):
            is_said = ast.get_docstring(one) is not None
            rest = [ast.unparse(each) for each in one.body[is_said:]]
            yield prefix + one.name, f"{ast.unparse(one.args)} {rest}"
        elif not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)):
            name = ast.unparse(getattr(one, "targets", [one])[0])
            yield prefix + name, ast.unparse(one)


@pytest.mark.parametrize("name", BOOKS)
def test_every_construct_is_saved_as_d2lbook_saves_it(tmp_path, name):
    config = book_of(tmp_path, *BOOKS[name])
    assert codes(config) == []
    theirs = meaning(run_d2lbook(config))
    (tmp_path / "d2l" / "alpha.py").unlink()
    (tmp_path / "d2l" / "beta.py").unlink()
    build_library(config)
    mine = meaning((tmp_path / "d2l" / "alpha.py").read_text(encoding="utf-8"))
    assert {key: mine.get(key) for key in theirs} == theirs
    library = extract(config, read_book(config), config.tab("alpha"))
    needed = {binding.name for binding in library.imports.values()}
    assert set(mine) - set(theirs) <= needed | {"__all__", "__getattr__", "d2l", "sys"}
    run(tmp_path, "import d2l.alpha")


def run(root: Path, program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


#: What d2lbook cannot write, or writes so that it fails: cells, and what is then so.
BETTER: dict[str, tuple[list[str], list[str], str]] = {
    "annotations of the class itself": (
        ["from __future__ import annotations"],
        [
            "from __future__ import annotations",
            "class Node:  #@save\n    def add(self, other: Node) -> Node:\n"
            "        return other",
        ],
        "d2l.Node().add(1) == 1",
    ),
    "an import that may fail": (
        ["try:\n    import nonesuch as x\nexcept ImportError:\n    x = None"],
        [
            "import sys\n\nif sys.version_info > (3,):\n    import json as text\n"
            "else:\n    import pickle as text",
            "try:\n    import nonesuch as x\nexcept ImportError:\n    x = None",
            "def f():  #@save\n    return x is None and text.loads('[1]')",
        ],
        "d2l.f() == [1]",
    ),
    "overloads": (
        ["import math"],
        [
            "from typing import overload",
            "@overload\ndef f(x: int) -> int: ...  #@save",
            "@overload\ndef f(x: str) -> str: ...  #@save",
            "def f(x):  #@save\n    return x",
        ],
        "d2l.f(3) == 3",
    ),
    "two statements on a line": (
        ["import math"],
        ["x = 1; y = x + 1  #@save"],
        "(d2l.x, d2l.y) == (1, 2)",
    ),
    "spaces at line ends of a text": (
        ["import math"],
        ["TEXT = '''a  \n  b \n'''  #@save"],
        "d2l.TEXT == 'a  \\n  b \\n'",
    ),
    "a method with a text of several lines": (
        ["class A:  #@save\n    pass"],
        [
            MODULE,
            "@d2l.add_to_class(d2l.A)  #@save\ndef f(self):\n    return '''a\nb  \n'''",
        ],
        "d2l.A().f() == 'a\\nb  \\n'",
    ),
    "methods of a class in one line": (
        ["class A: x = 1  #@save"],
        [
            MODULE,
            "@d2l.add_to_class(d2l.A)  #@save\n@property\ndef f(self):\n"
            "    return self.x",
        ],
        "d2l.A().f == 1",
    ),
    "imports in parentheses": (
        ["#@save\nfrom json import (\n    dumps,\n    loads,\n)\nimport math"],
        ["def f():  #@save\n    return loads(dumps(math.pi))"],
        "d2l.f() > 3",
    ),
    "the same import, worded otherwise": (
        ["import os.path as path", "def f(x):  #@save\n    return path.dirname(x)"],
        ["from os import path", "def g(x):  #@save\n    return path.basename(x)"],
        "d2l.f('a/b') + d2l.g('a/b') == 'ab'",
    ),
    "an import that another section saves": (
        ["import math  #@save\nimport json"],
        ["def f():  #@save\n    return math.pi, json"],
        "d2l.f()[0] > 3",
    ),
    "super in a method": (
        ["class A:  #@save\n    def __init__(self):\n        self.x = 1"],
        [
            MODULE,
            "class B(d2l.A):  #@save\n    pass",
            "@d2l.add_to_class(B)  #@save\ndef __init__(self):\n"
            "    super(B, self).__init__()\n    self.y = self.x",
        ],
        "d2l.B().y == 1",
    ),
    "an assignment that adds": (
        ["X = [1]  #@save"],
        ["X += [2]  #@save", "X[0] = 3  #@save"],
        "d2l.X == [3, 2]",
    ),
}


@pytest.mark.parametrize("name", BETTER)
def test_where_d2lbook_breaks_the_module_is_what_the_text_means(tmp_path, name):
    first, second, is_so = BETTER[name]
    config = book_of(tmp_path, first, second)
    assert codes(config) == []
    build_library(config)
    run(tmp_path, f"{MODULE}\nassert {is_so}")
    # and so is a reader's notebook, which has it inside
    library = extract(config, read_book(config), config.tab("alpha"))
    for use in (f"assert {is_so}", "vars(d2l)"):
        carried = carry(library, [MODULE, use])
        assert carried is not None
        run(tmp_path, "\n".join([carried.code, *carried.cells[carried.place :], use]))


def test_a_tab_may_have_its_own_in_place_of_what_all_have(tmp_path):
    text = TITLE.format("one") + code("all", "import math") + "More.\n\n"
    text += code("all", "def f():  #@save\n    return 1")
    text += code("beta", "def f():  #@save\n    return 2")
    config = write_book(tmp_path, {"one.md": text}, CONFIG)
    assert [one for one in check_book(config) if one.code == "BK505"] == []
    build_library(config)
    assert run(tmp_path, "from small import beta; print(beta.f())") == "2"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ["def f():  #@save\n    x = 1\n    %time g()\n    return x"],
            "two.md:10 [alpha]: BK503 `%time g()` in saved code",
        ),
        (
            ["class B:\n    pass", "@d2l.add_to_class(B)  #@save\ndef f(self): pass"],
            "two.md:16 [alpha]: BK503 `#@save` on a method of `B`, which nothing saves",
        ),
        (["#@save\n\n\nx = 1"], "two.md:8 [alpha]: BK503 `#@save` on `#@save`"),
        (["if 1:\n    x = 1  #@save"], "two.md:9 [alpha]: BK503 `#@save` on `x = 1  #"),
    ],
)
def test_what_cannot_be_saved_is_a_finding_with_its_line(tmp_path, cells, said):
    config = book_of(tmp_path, ["import math"], [MODULE, *cells][-len(cells) :])
    found = codes(config)
    assert len(found) == 1 and found[0].startswith(said), found
    with pytest.raises(SourceError, match="BK503"):
        build_library(config)


ALIASES = (
    "lib_name = math\nsimple_alias = root -> sqrt, pi\nfluent_alias = up -> upper,\n"
    "args_alias = power(a_x, y=2) -> math.pow(a_x, y)\n"
    "alias =\n  double = lambda a: 2 * a\n"
)

USES_ALIASES = "def f(x):  #@save\n    return d2l.double(d2l.root(x))"


def with_aliases(keys: str = ALIASES) -> str:
    return CONFIG.replace("small/alpha.py\n", f"small/alpha.py\n{keys}")


def test_a_module_has_the_aliases_that_d2lbook_gives_it(tmp_path):
    cells = [MODULE + "\nimport math", USES_ALIASES]
    config = book_of(tmp_path, cells, [MODULE, "d2l.up('a')"], with_aliases())
    assert codes(config) == []
    # d2lbook's own needs a head that imports what aliases stand for
    (tmp_path / "d2l").mkdir()
    (tmp_path / "d2l" / "alpha.py").write_text(f"import math\n{MARK}\n")
    theirs = meaning(run_d2lbook(config))
    (tmp_path / "d2l" / "alpha.py").unlink()
    (tmp_path / "d2l" / "beta.py").unlink()
    build_library(config)
    mine = meaning((tmp_path / "d2l" / "alpha.py").read_text(encoding="utf-8"))
    assert {key: mine.get(key) for key in theirs} == theirs
    is_so = "d2l.f(16) == 8 and d2l.up('a') == 'A' and d2l.power(3) == 9 and d2l.pi > 3"
    run(tmp_path, f"{MODULE}\nassert {is_so}")


def test_a_notebook_carries_the_aliases_that_saved_code_reads(tmp_path):
    cells = [MODULE + "\nimport math", USES_ALIASES]
    config = book_of(tmp_path, cells, ["x = 1"], with_aliases())
    library = extract(config, read_book(config), config.tab("alpha"))
    saved = reachable_saved(library, [MODULE, "d2l.f(1)"])
    assert set(saved) == {"imports of d2l.alpha", "f", "double", "root"}
    carried = carry(library, [MODULE, "assert d2l.f(16) == 8"])
    assert carried is not None and "power" not in carried.code
    run(tmp_path, "\n".join([carried.code, *carried.cells]))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            "lib_name = nonesuch\nsimple_alias = x\n",
            "BK504 saved code uses `nonesuch`, which nothing saved or imported defines",
        ),
        ("alias =\n  f = 1\n", "BK502 `f` is saved here, and is the alias `f = 1`"),
        (
            "lib_name = json\nfluent_alias = math -> x\n",
            "BK506 an alias `math`, which saved code imports as well",
        ),
    ],
)
def test_when_an_alias_cannot_be_then_it_is_a_finding(tmp_path, keys, said):
    cells = ["import math, json", "def f(x):  #@save\n    return math.pi"]
    config = book_of(tmp_path, cells, ["x = 1"], with_aliases(keys))
    found = codes(config)
    assert len(found) == 1 and said in found[0], found


HEAD = (
    '"""By hand."""\n\nimport math\nfrom json import dumps, loads\n\n'
    'HUB = {}\nURL = "a"\n'
)


def with_head(root: Path, head: str) -> Config:
    cells = [
        "import math",
        "HUB['x'] = URL  #@save",
        "def f():  #@save\n    return loads(dumps([math.floor(1.5), d2l.HUB['x']]))",
    ]
    heads = {"d2l/alpha.py": head, "d2l/beta.py": head}
    return book_of(root, [MODULE, *cells], ["x = 1"], **heads)


def test_what_stands_above_the_mark_stays_and_is_known(tmp_path):
    config = with_head(tmp_path, f"{HEAD}\n{MARK}\n# old\nx = = 1\n")
    assert codes(config) == []
    build_library(config)
    path = tmp_path / "d2l" / "alpha.py"
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"{HEAD}\n{MARK}\n# What ") and "x = = 1" not in text
    assert text.count("import math") == 1  # it is there
    run(
        tmp_path,
        f"{MODULE}\nassert d2l.f() == [1, 'a'] and d2l.URL in dir(d2l) + ['a']",
    )
    assert build_library(config) == []
    run_d2lbook(config)  # which keeps it as well
    assert path.read_text(encoding="utf-8").startswith(f"{HEAD}\n{MARK}\n")
    build_library(load(tmp_path))
    assert path.read_text(encoding="utf-8") == text
    library = extract(config, read_book(config), config.tab("alpha"))
    carried = carry(library, [MODULE, "assert d2l.f() == [1, 'a']"])
    assert carried is not None
    run(tmp_path, "\n".join([carried.code, *carried.cells]))
    saved = reachable_saved(library, [MODULE, "d2l.f()"])
    assert {"f", "HUB", "URL"} <= set(saved)


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ("X = 1\n", 1, "written by hand; `bookkit lib` would replace it"),
        (f"X = 1\nx = = 1\n{MARK}\n", 2, "not Python: "),
        ("\udcff", 1, "cannot be read: "),
    ],
)
@pytest.mark.parametrize("levels", ["", "\n[bookkit]\nlevels = BK509 off\n"])
def test_a_module_by_hand_is_never_replaced(tmp_path, head, line, said, levels):
    config = with_head(tmp_path, "")
    path = tmp_path / "d2l" / "alpha.py"
    path.write_bytes(head.encode(errors="surrogateescape"))
    before = path.read_bytes()
    with open(tmp_path / "config.ini", "a", encoding="utf-8") as ini:
        ini.write(levels)
    config = load(tmp_path)
    with pytest.raises(SourceError, match="BK509") as caught:
        build_library(config)
    assert f"d2l/alpha.py:{line} [alpha]: BK509" in str(caught.value)
    assert said in str(caught.value) and MARK in str(caught.value)
    assert path.read_bytes() == before


def test_a_module_that_d2lbook_made_becomes_ours(tmp_path):
    config = with_head(tmp_path, f"{MARK}\n# d2lbook build lib\n\nimport sys\n")
    config = book_of(tmp_path, ["import math"], ["x = 1  #@save"])
    build_library(config)
    text = (tmp_path / "d2l" / "alpha.py").read_text(encoding="utf-8")
    assert text.startswith('"""What A Small Book saves') and MARK not in text


def test_a_head_without_the_future_that_saved_code_needs_is_a_finding(tmp_path):
    future = "from __future__ import annotations"
    cells = [
        future,
        "def f(x: A) -> A:  #@save\n    return x",
        "class A:  #@save\n  x = 1",
    ]
    config = book_of(tmp_path, cells, ["x = 1"], **{"d2l/alpha.py": f"X = 1\n{MARK}\n"})
    assert [one.split(": ", 1)[1].split("\n")[0] for one in codes(config)] == [
        f"BK509 `{future}` is missing in it, which saved code needs"
    ]
    head = f"{future}\n\nX = 1\n"
    (tmp_path / "d2l" / "alpha.py").write_text(f"{head}{MARK}\n")
    assert codes(load(tmp_path)) == []
    build_library(config)
    run(tmp_path, f"{MODULE}\nassert d2l.f(d2l.X) == 1")
