"""Copies of the book that every side can build, and the edits made to them.

d2lbook refuses, on a machine without enough GPUs, pages whose code mentions some;
those sections are left out of every copy. Small marked pieces are added to the
sections that stay, so that each edit has a place, the same one on every side.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bookkit.book import d2lbook
from bookkit.book.config import Config, load
from bookkit.book.source import notebook_of, read_book, runs_code
from bookkit.kernels import devices, kernelspecs

ROOT = Path(__file__).resolve().parents[1]
COPIED = "config.ini d2l.bib synonyms.txt index.md img envs chapter_*".split()
#: Printed by the added cells, with the number of the edit.
SAYS = "benchmark says"


@dataclass
class Book:
    """One copy: where it is, its sections with code in reading order."""

    root: Path
    config: Config
    sections: list[str]
    left_out: list[str]

    def page(self, section: str) -> Path:
        """Return the built page of a section."""
        return self.root / "_build" / "html" / Path(section).with_suffix(".html")

    def pages(self) -> dict[str, str]:
        """Return the built pages of sections; others tell how long runs took."""
        return {
            name: self.page(name).read_text("utf-8")
            for name in self.sections
            if self.page(name).is_file()
        }


def copy_book(target: Path) -> Book:
    """Copy the book's sources, leave GPU sections out, add the marked pieces."""
    target.mkdir(parents=True)
    for pattern in COPIED:
        for source in ROOT.glob(pattern):
            place = target / source.name
            if source.is_dir():
                shutil.copytree(source, place)
            else:
                shutil.copy2(source, place)
    (target / "d2l").mkdir()
    shutil.copy2(ROOT / "d2l" / "__init__.py", target / "d2l")
    # d2lbook takes what some cells print for markup, and warns of it
    config_file = target / "config.ini"
    text = config_file.read_text("utf-8")
    lenient = text.replace("warning_is_error = True", "warning_is_error = False")
    config_file.write_text(lenient, "utf-8")
    lend_environments(target)
    left_out = _leave_out(target, _beyond_this_machine(load(target)))
    config = load(target)
    kernelspecs.write_all(config)
    sections = [
        str(section.path)
        for section in read_book(config)
        if runs_code(notebook_of(section, config.default_tab.name, config))
    ]
    book = Book(target, config, sections, left_out)
    _add_pieces(book)
    return book


def lend_environments(target: Path) -> None:
    """Give a copy our environments, and a place for kernelspecs of its own.

    A kernelspec names the book whose library its cells import, so the folder of
    the build environment, where they lie, is not shared.
    """
    environments = target / ".envs"
    (environments / "build").mkdir(parents=True)
    for tab in load(ROOT).all_tabs:
        (environments / tab.name).symlink_to(tab.environment.resolve())


def _beyond_this_machine(config: Config) -> list[str]:
    have = len(devices.gpu_names())
    found = []
    for section in read_book(config):
        notebooks = [notebook_of(section, tab, config) for tab in config.tab_names]
        if any(nb and d2lbook.gpus_wanted(nb, 2) > have for nb in notebooks):
            found.append(str(section.path))
    return found


def _leave_out(root: Path, sections: list[str]) -> list[str]:
    """Remove sections; what refers to them says their title in plain words."""
    titles: dict[str, str] = {}
    for section in sections:
        text = (root / section).read_text("utf-8")
        title = text.split("\n", 1)[0].lstrip("# ").strip()
        titles |= dict.fromkeys(re.findall(r":label:`([^`]+)`", text), title)
        (root / section).unlink()
    gone = {Path(section).stem for section in sections}
    for page in sorted([*root.glob("*.md"), *root.glob("chapter_*/*.md")]):
        old = text = page.read_text("utf-8")
        for label, title in titles.items():
            text = re.sub(rf" ?:(?:numref|ref):`{label}`", f"“{title}”", text)
        if page.name == "index.md":
            rows = [row for row in text.split("\n") if row.strip() not in gone]
            text = "\n".join(rows)
        if text != old:
            page.write_text(text, "utf-8")
    return sections


def _cell(tag: str, *rows: str) -> str:
    return "\n".join(["```{.python .input}", f"#@tab {tag}", *rows, "```", "", ""])


def _add_pieces(book: Book) -> None:
    """Add what is edited later: a function and its users, a paragraph, a cell."""
    if len(book.sections) < 5:
        raise SystemExit("error: the benchmark needs five sections without GPUs")
    define, use, use_too, text, cell = book.sections[:5]
    modules = {tab.name: tab.library.stem for tab in book.config.tabs if tab.library}
    function = _cell(
        "all",
        "def benchmark_number():  #@save",
        '    """返回一个数"""',
        "    return 0",
        "",
        f"print('{SAYS}', benchmark_number())",
    )
    users = "".join(
        _cell(
            tab,
            f"from d2l import {module} as d2l",
            "",
            f"print('{SAYS}', d2l.benchmark_number())",
        )
        for tab, module in modules.items()
    )
    cells = "".join(_cell(tab, f"print('{SAYS}', 0)") for tab in modules)
    pieces = {define: function, use: users, use_too: users, text: "", cell: cells}
    for section, piece in pieces.items():
        path = book.root / section
        head, mark, rest = path.read_text("utf-8").partition("\n## ")
        added = f"\n这一段是测量用的，第0次修改。\n\n{piece}"
        path.write_text(f"{head}{added.rstrip()}\n{mark}{rest}", "utf-8")


def _replacing(position: int, pattern: str, shown: str) -> Callable[[Book, int], str]:
    def edit(book: Book, number: int) -> str:
        path = book.root / book.sections[position]
        text, count = re.subn(pattern, rf"\g<1>{number}\g<2>", path.read_text("utf-8"))
        assert count == 1, f"{path}: {count} places to edit"
        path.write_text(text, "utf-8")
        return shown.format(number)

    return edit


def _nothing(book: Book, number: int) -> str:
    return ""


@dataclass(frozen=True)
class Scenario:
    """One change: its edit, and what must follow from it in a build of ours."""

    name: str
    edit: Callable[[Book, int], str]
    """Changes a copy; returns what its pages must then show."""
    shown_on: tuple[int, ...] = ()
    """Positions of the sections that must show it."""
    notebooks: int = 0
    saves: bool = False
    cold: bool = False


#: Notebooks that must run again, of a book with four tabs.
SCENARIOS = (
    Scenario("cold", _nothing, cold=True),
    Scenario("nothing changed", _nothing),
    Scenario(
        "one paragraph edited",
        _replacing(3, r"(测量用的，第)\d+(次修改)", "测量用的，第{}次修改"),
        shown_on=(3,),
    ),
    Scenario(
        "one cell of one tab edited",
        _replacing(4, rf"(#@tab pytorch\nprint\('{SAYS}', )\d+(\))", f"{SAYS} {{}}"),
        shown_on=(4,),
        notebooks=1,
    ),
    Scenario(
        "one saved function edited",
        _replacing(0, r"(\n    return )\d+(\n\nprint\(')(?=benchmark)", f"{SAYS} {{}}"),
        shown_on=(0, 1, 2),
        notebooks=12,
        saves=True,
    ),
)
