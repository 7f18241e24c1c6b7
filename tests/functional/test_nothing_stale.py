"""Random books and random edits: what is kept is always what a run would give.

Each cell shows one number, and what it is follows from the book as it is now. A few
books are drawn in each run of the tests; `BOOKS=100 EDITS=8` draws more.
"""

import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faulty_books import CONFIG, Book

from bookkit.book.config import load
from bookkit.book.source import read_book
from bookkit.library.write import build_library
from bookkit.run.execute import Run
from bookkit.run.options import Options
from bookkit.run.plan import plan

BOOKS = int(os.environ.get("BOOKS", "4"))
EDITS = int(os.environ.get("EDITS", "6"))
SECTIONS = ("top", "ch/one", "ch/two", "ch/deep/three")
BOOK_CONFIG = CONFIG.replace(
    "notebooks = *.md", "notebooks = *.md **/*.md\nresources = img\ndependencies = d.sh"
)
BOOK_CONFIG += (
    "environment = NUMBER={number}\n[library-alpha]\nlib_file = small/al.py\n"
)
#: Numbers that an edit may change; what files hold them is in `write`.
NAMES = (
    "f0 f1 default method helper below deep picture json data shell number deps".split()
)

Values = dict[str, int]
#: How a cell comes to a number: its code, with `{up}` for the way to the top, and
#: the number.
USES: dict[str, tuple[str, Callable[[Values], int]]] = {
    "a call": ("from small import al\nal.f0()", lambda v: v["f0"]),
    "a call of a caller": (
        "from small.al import f1\nf1()",
        lambda v: v["f0"] + v["f1"],
    ),
    "a method": ("from small import al\nal.A().two()", lambda v: v["method"]),
    "a default": ("from small import al\nal.f3()", lambda v: v["default"]),
    "an import in saved code": ("from small import al\nal.f4()", lambda v: v["helper"]),
    "a magic": (
        "import small.al as s\nx = %sx echo {{s.f0()}}\nint(x[0])",
        lambda v: v["f0"],
    ),
    "a cell magic": (
        "%%capture said\nfrom small.al import f1\nprint(f1())\n---\nint(said.stdout)",
        lambda v: v["f0"] + v["f1"],
    ),
    "importlib": (
        "import importlib\nimportlib.import_module('small.' + 'al').f0()",
        lambda v: v["f0"],
    ),
    "getattr": ("import small.al\ngetattr(small.al, 'f%d' % 0)()", lambda v: v["f0"]),
    "a star": ("from small.al import *\nf1()", lambda v: v["f0"] + v["f1"]),
    "another program": (
        "import sys\ncode = 'from small import al; print(al.f0())'\n"
        "said = !{{sys.executable}} -c '{{code}}'\nint(said[-1])",
        lambda v: v["f0"],
    ),
    "a text": (
        "eval('__import__(\"small.al\").al.f1()')",
        lambda v: v["f0"] + v["f1"],
    ),
    "a helper": ("import helper\nhelper.X", lambda v: v["helper"]),
    "a helper's helper": ("import helper\nhelper.Y", lambda v: v["below"] * 10),
    "a package": ("import more.deep as m\nm.D", lambda v: v["deep"]),
    "a package's head": ("from more import D\nD", lambda v: v["deep"]),
    "a file that runs": ("%run {up}/../ROOT/helper.py\nX", lambda v: v["helper"]),
    "a resource": ("int(open('{up}/img/p.txt').read())", lambda v: v["picture"]),
    "a resource by a pattern": (
        "import glob, json\njson.load(open(glob.glob('{up}/im*/*.json')[0]))['v']",
        lambda v: v["json"],
    ),
    "a resource in a shell": (
        "said = !cat {up}/img/p.txt\nint(said[0])",
        lambda v: v["picture"],
    ),
    "a resource for a program": (
        "import subprocess\nint(subprocess.check_output(['cat', '{up}/img/p.txt']))",
        lambda v: v["picture"],
    ),
    "a dependency in a program": (
        "said = !sh $(echo ROOT/d).sh\nint(said[0])",
        lambda v: v["deps"],
    ),
    "declared data": (
        "#@data data.txt\nint(open('data.txt').read())",
        lambda v: v["data"],
    ),
    "a program's text": ("said = !sh ROOT/go.sh\nint(said[0])", lambda v: v["shell"]),
    "a variable": ("import os\nint(os.environ['NUMBER'])", lambda v: v["number"]),
}


@dataclass
class Model:
    """A book: its numbers, and by section the cells' uses, own numbers and prose."""

    values: Values
    uses: dict[str, list[str]]
    own: dict[str, int] = field(default_factory=dict)
    prose: dict[str, int] = field(default_factory=dict)

    def shown(self, name: str) -> list[int]:
        uses = [USES[use][1](self.values) for use in self.uses[name]]
        return [*uses, self.own[name]]

    def write(self, root: Path) -> None:
        v = self.values
        save = (
            f"def f0():  #@save\n    return {v['f0']}\n---\n"
            f"def f1():  #@save\n    return f0() + {v['f1']}\n---\n"
            f"def f3(a={v['default']}):  #@save\n    return a\n---\n"
            "def f4():  #@save\n    import helper\n    return helper.X\n---\n"
            "class A:  #@save\n    def one(self):\n        return 1\n---\n"
            "from small import al\ndef two(self): return 1\n---\n"
        )
        method = f"@al.add_to_class(al.A)  #@save\ndef two(self): return {v['method']}"
        add = (
            "def add_to_class(cls):  #@save\n"
            "    return lambda one: setattr(cls, one.__name__, one)\n---\n"
        )
        files = {
            "config.ini": BOOK_CONFIG.format(number=v["number"]),
            "index.md": "# I\n\n```toc\nsaved\n" + "\n".join(SECTIONS) + "\n```\n",
            "saved.md": section("saved", 0, f"{add}{save}{method}"),
            "helper.py": f"import below\nX = {v['helper']}\nY = below.B * 10\n",
            "below.py": f"B = {v['below']}\n",
            "more/__init__.py": "from .deep import D\n",
            "more/deep.py": f"D = {v['deep']}\n",
            "img/p.txt": f"{v['picture']}\n",
            "img/j.json": f'{{"v": {v["json"]}}}',
            "data.txt": f"{v['data']}\n",
            "go.sh": f"echo {v['shell']}\n",
            "d.sh": f"echo {v['deps']}\n",
        }
        for name in SECTIONS:
            up = "/".join([".."] * name.count("/")) or "."
            cells = [USES[use][0].format(up=up) for use in self.uses[name]]
            cells += [f"x = {self.own[name]}", "x"]
            code = "\n---\n".join(cells).replace(f"{up}/../ROOT", str(root))
            code = code.replace("ROOT", str(root))
            files[f"{name}.md"] = section(name, self.prose[name], code)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_file() or path.read_text() != text:
                path.write_text(text)


def section(name: str, prose: int, code: str) -> str:
    cells = code.split("\n---\n")
    fences = [f"```{{.python .input}}\n#@tab alpha\n{cell}\n```\n" for cell in cells]
    return f"# {name}\n\nText {prose}.\n\n" + "\n".join(fences)


def draw_model(chance: random.Random) -> Model:
    values = {name: chance.randrange(1000) for name in NAMES}
    uses = {name: chance.sample(list(USES), 3) for name in SECTIONS}
    own = {name: chance.randrange(1000) for name in SECTIONS}
    return Model(values, uses, own, dict.fromkeys(SECTIONS, 0))


def edit(model: Model, chance: random.Random, past: list[Values]) -> str:
    """Change one thing; return what."""
    kind = chance.choice("value value value back cell cells own prose".split())
    name = chance.choice(SECTIONS)
    if kind == "value":
        what = chance.choice(NAMES)
        model.values[what] = chance.randrange(1000)
        return f"value of {what}"
    if kind == "back":
        model.values = dict(chance.choice(past))
        return "values as they once were"
    if kind == "cell":
        place = chance.randrange(len(model.uses[name]))
        model.uses[name][place] = chance.choice(list(USES))
    elif kind == "cells":
        chance.shuffle(model.uses[name])
    elif kind == "own":
        model.own[name] += 1
    else:
        model.prose[name] += 1
    return f"{kind} of {name}"


def numbers(result: object) -> list[int]:
    """Return the numbers that a notebook's cells show, in order."""
    found = []
    for cell in result.cells:  # type: ignore[attr-defined]
        for output in cell.outputs:
            text = output.get("data", {}).get("text/plain", "")
            if re.fullmatch(r"\d+", "".join(text)):
                found.append(int("".join(text)))
    return found


@pytest.mark.parametrize("seed", range(BOOKS))
def test_when_a_book_is_edited_then_it_shows_what_it_says_now(tmp_path, seed):
    chance = random.Random(seed)
    root = tmp_path / "book"
    Book(root, {"saved": "1"})
    model = draw_model(chance)
    past, log = [dict(model.values)], []
    for number in range(EDITS + 1):
        if number:
            log.append(edit(model, chance, past))
            past.append(dict(model.values))
        model.write(root)
        config = load(root)
        sections = read_book(config)
        build_library(config, sections=sections)
        jobs = plan(config, sections)
        last = number == EDITS
        run = Run(config, jobs, Options(slots=1, keep_servers=not last))
        results = {result.section: result for result in run.finish()}
        for name in SECTIONS:
            result = results[f"{name}.md"]
            told = f"{log}, {name}: {model.uses[name]}, kept: {result.cached}"
            assert result.status.value == "passed", f"{told} {result.failure}"
            assert numbers(result) == model.shown(name), told
        if log and log[-1].startswith("prose"):
            assert all(result.cached for result in results.values()), log
