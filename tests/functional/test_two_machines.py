"""Two machines publish the same bytes of the same text: nothing of either is in them.

Users, homes, temporary folders, books and environments have other names on each.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from faulty_books import ROOT, SITE_CONFIG, Book, own_environment

from bookkit.book.config import load
from bookkit.kernels import kernelspecs
from bookkit.workflow.taking import NBVAL_RULES

CONFIG = (
    SITE_CONFIG.replace("[bookkit]\n", "[bookkit]\nallow_errors = fails.md\n")
    + "preload = json, IPython\nkept = kept/alpha\n"
)
HELPER = """\
import warnings

def warn():
    warnings.warn("小心", stacklevel=1)

def fail():
    raise ValueError(f"no {__file__}")
"""
PLACES = """\
import os, tempfile
from pathlib import Path
import IPython, json, helper
print(IPython.__file__, json.__file__, helper.__file__, sep="\\n")
print(os.getcwd(), tempfile.gettempdir(), Path.home())
---
Path.cwd() / "data" / "a.csv", Path.home(), Path(helper.__file__)
---
from urllib.parse import quote
print(json.dumps({"at": os.getcwd() + "/文件"}), Path(helper.__file__).as_uri())
print(quote(helper.__file__, safe=""), "写在" + os.getcwd() + "里。")
---
import sys
sys.prefix, sys.executable
---
with tempfile.NamedTemporaryFile(suffix=".txt") as file:
    print(file.name)
"""
TELLS = """\
import warnings, logging, os, sys
warnings.warn("小心")
---
import helper
helper.warn()
---
logging.basicConfig(stream=sys.stdout, force=True,
                    format="%(levelname)s [%(process)d] %(pathname)s: %(message)s")
logging.warning("from %s", os.getcwd())
print("pid:", os.getpid())
---
print(os.getcwd()[:9], end="", flush=True)
print(os.getcwd()[9:])
---
import multiprocessing, json
print(multiprocessing.current_process(), multiprocessing.Process(target=print))
"""
SHOWS = """\
class Thing:
    def _repr_html_(self):
        return f"<b>{os.getcwd()}</b>, &lt;{escape(object.__repr__(self)[1:-1])}&gt;"
import os
from html import escape
one, two = object(), object()
print(one, two, one)
---
one, Thing().__init__
---
Thing()
---
from IPython.display import JSON, SVG, Latex, Markdown, display
display(Markdown(f"在 {os.getcwd()}/x"), Latex("$x$"))
SVG(f"<svg xmlns='http://www.w3.org/2000/svg'><title>{os.getcwd()}/x</title></svg>")
"""
FAILS = """\
import json
json.loads("{")
---
import helper
helper.fail()
"""


@dataclass(frozen=True)
class Machine:
    """A machine on which the book was built: where, and what it calls its things."""

    root: Path
    names: tuple[str, ...]


def build(base: Path, user: str, root: str) -> Machine:
    cells = {"places": PLACES, "tells": TELLS, "shows": SHOWS, "fails": FAILS}
    book = Book(base / root, cells, CONFIG)
    (book.root / "helper.py").write_text(HELPER, encoding="utf-8")
    environment = own_environment(book)
    kernelspecs.write_all(load(book.root))
    folders = {"HOME": base / "home" / user, "TMPDIR": base / f"scratch of {user}"}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    variables = {name: str(folder) for name, folder in folders.items()}
    variables |= {"USER": user, "LOGNAME": user}
    told = book.passes("build", **variables)
    assert "Notebooks run: 4 of 4" in told, told
    book.passes("notebooks", **variables)
    ran_by = str(environment.resolve().relative_to(book.root))
    base_prefix = re.findall(
        "^home = (.*)/bin$", (environment / "pyvenv.cfg").read_text(), re.M
    )
    return Machine(book.root, (base.name, user, ran_by, *base_prefix))


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Machine]:
    one, other = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    return (
        build(one, "alice_x", "home/alice_x/book"),
        build(other, "另一人", "srv/深度 学习/the book"),
    )


PUBLISHED = {
    "notebooks": "_build/notebooks/**/*.ipynb",
    "kept results": "kept/**/*.json",
    "pages": "_build/html/**/*.html",
    "search": "_build/html/**/*.js*",
}


@pytest.mark.parametrize("what", PUBLISHED)
def test_when_two_machines_build_a_book_then_bytes_are_the_same(machines, what):
    one, other = (
        {
            str(path.relative_to(machine.root)): _without_times(path.read_text("utf-8"))
            for path in machine.root.glob(PUBLISHED[what])
        }
        for machine in machines
    )
    assert len(one) >= 1 and one.keys() == other.keys()
    for name in one:
        assert one[name] == other[name], name
        for machine in machines:
            assert [word for word in machine.names if word in one[name]] == [], name


def _without_times(text: str) -> str:
    """Leave out what is told of the run itself: how long it took, and its hash."""
    return re.sub(r'"(sha256|seconds)": [^,\n]+', "", text)


def test_when_nbval_runs_them_by_plain_jupyter_then_they_are_the_same(machines):
    book = machines[1].root
    command = [sys.executable, "-m", "bookkit", "--root", str(book)]
    written = book / "_build" / "nbval"
    subprocess.run(
        [*command, "notebooks", str(written), "--kernels"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml"]
        + ["--rootdir", written, "--nbval", "--nbval-sanitize-with"]
        + [written / NBVAL_RULES, "--color", "no", "-p", "no:xdist", written],
        env={**os.environ, "JUPYTER_PATH": str(book / "_build" / "jupyter")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^=+ 16 passed", done.stdout, re.M), done.stdout
