"""Each Python at hand: environments, a notebook of each framework, the site."""

import re
import subprocess
import sys

import pytest
from faulty_books import ROOT

from bookkit.book.config import load
from bookkit.kernels.uv import Uv

BOOK = load(ROOT)
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
AT_HAND = Uv(ROOT / ".envs" / ".uv").pythons
#: What the learner's package claims beyond the book's own Pythons.
FOR_LEARNERS = ("3.9", "3.10")
CELLS = ("import {module}", "{module}.__name__, sys.version_info[:2]")


def section() -> str:
    fence = "```{{.python .input}}\n#@tab {tab}\n%s\n```\n\n"
    first, last = (
        "".join(
            (fence % cell).format(tab=tab.name, module=tab.preload[0])
            for tab in BOOK.tabs
        )
        for cell in CELLS
    )
    return f"# 节\n\n{first}和：\n\n{(fence % 'import sys').format(tab='all')}{last}"


@pytest.mark.parametrize("python", [one for one in BOOK.pythons if one != HERE])
def test_when_another_python_is_at_hand_then_it_builds_a_book(python, tmp_path):
    if python not in AT_HAND:
        pytest.skip(f"no Python {python} on this machine")
    tabs = [tab for tab in BOOK.tabs if python in tab.pythons]
    config = (ROOT / "config.ini").read_text(encoding="utf-8")
    config = config.replace("locks = envs", f"locks = {ROOT / 'envs'}")
    config = re.sub(r"^(kept|lib_file) = .*", "", config, flags=re.M)
    (tmp_path / "config.ini").write_text(config, encoding="utf-8")
    (tmp_path / "index.md").write_text("# 书\n\n```toc\none\n```\n", encoding="utf-8")
    (tmp_path / "one.md").write_text(section(), encoding="utf-8")
    (tmp_path / "d2l.bib").write_text("")
    (tmp_path / "img").mkdir()
    chosen = ["--root", str(tmp_path), "--tabs", ",".join(tab.name for tab in tabs)]
    its_own = tmp_path / ".envs" / "build" / "bin" / "python"
    for command in (
        [
            sys.executable,
            "-m",
            "bookkit.kernels.installing",
            *chosen,
            "--python",
            python,
        ],
        [str(its_own), "-m", "bookkit", *chosen, "build"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "_build" / "html" / "one.html").read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]+>", "", page)
    for tab in tabs:
        minor = python.partition(".")[2]
        assert f"('{tab.preload[0]}', (3, {minor}))" in shown.replace("&#39;", "'")


@pytest.mark.parametrize("python", [*FOR_LEARNERS, *BOOK.pythons])
def test_when_a_python_is_at_hand_then_it_can_read_the_learner_s_package(python):
    if python not in AT_HAND:
        pytest.skip(f"no Python {python} on this machine")
    code = (
        "import ast, d2l, pathlib\n"
        "for path in pathlib.Path(d2l.__file__).parent.glob('*.py*'):\n"
        "    path.suffix == '.pyc' or ast.parse(path.read_text('utf-8'))\n"
        "print(d2l.__version__)"
    )
    done = subprocess.run(
        [AT_HAND[python], "-Wignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
