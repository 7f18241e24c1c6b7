"""Write this book as Material for MkDocs and MyST with Furo want it, outputs included.

    python -m benchmarks.sites.others FOLDER

makes FOLDER/material (mkdocs build), FOLDER/furo (sphinx-build) and FOLDER/d2l
(d2lbook's own pages in reStructuredText, for sphinx-build with mxtheme). Each gets what
its own manual recommends for such a book: linked tabs, copy buttons, search in Chinese,
light and dark. Run it after `make d2lbook`: the outputs are those of that build.
"""

from __future__ import annotations

import random
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import nbformat

from benchmarks.books import ROOT
from bookkit.book.config import Config, load
from bookkit.book.source import read_book
from bookkit.publish.plain import eval_dir

#: Where `make d2lbook` leaves what it made.
MADE = ROOT / "_build" / "d2lbook"
FENCE = re.compile(
    r"^```\{\.python \.input\}\n#@tab (?P<tabs>.+)\n(?P<code>(?:.*\n)*?)```\n"
    r"|^:begin_tab:`(?P<for>.+)`\n(?P<prose>(?:.*\n)*?):end_tab:\n",
    re.MULTILINE,
)
MATERIAL = """site_name: {title}
theme:
  name: material
  language: zh
  features: [content.tabs.link, content.code.copy, navigation.instant, search.share,
    search.suggest, search.highlight, navigation.footer]
  palette:
    - {{media: "(prefers-color-scheme: light)", scheme: default}}
    - {{media: "(prefers-color-scheme: dark)", scheme: slate}}
plugins:
  search: {{lang: zh}}
markdown_extensions:
  - attr_list
  - admonition
  - pymdownx.superfences
  - pymdownx.highlight
  - pymdownx.arithmatex: {{generic: true}}
  - pymdownx.tabbed: {{alternate_style: true, combine_header_slug: true}}
extra_javascript: [https://unpkg.com/mathjax@3/es5/tex-mml-chtml.js]
nav: [{nav}]
"""
#: For readers behind a closed network: no font and no script of another host. MathJax
#: 3 is to be put where the last line says.
OFFLINE = """INHERIT: mkdocs.yml
theme: {font: false}
plugins:
  search: {lang: zh}
  offline: {}
extra_javascript: [javascripts/mathjax/es5/tex-mml-chtml.js]
"""
FURO = """project = {title!r}
language = "zh_CN"
html_theme = "furo"
extensions = ["myst_parser", "sphinx_design", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
"""
#: What newer versions of Sphinx no longer have.
NOT_FOUND = ("recommonmark", "sphinxcontrib.rsvgconverter")


@dataclass
class Group:
    """Neighbouring pieces of a section, one or more for each of some tabs."""

    pieces: dict[str, list[str]] = field(default_factory=dict)


def _text_of(output: Any) -> str:
    """Return what an output says in plain text."""
    return (
        str(output.get("text") or output.get("data", {}).get("text/plain", "")) + "\n"
    )


class Section:
    """One source with the outputs of its executed notebooks."""

    def __init__(self, config: Config, path: PurePath) -> None:
        self.config, self.path = config, path
        self.text = (config.root / path).read_text("utf-8")
        self._outputs = {tab: self._read(tab) for tab in config.tab_names}

    def _read(self, tab: str) -> Iterator[str]:
        place = eval_dir(self.config, tab, MADE) / self.path.with_suffix(".ipynb")
        for cell in nbformat.read(place, as_version=4).cells:  # type: ignore[no-untyped-call]
            if cell.cell_type == "code":
                yield "".join(map(_text_of, cell.outputs))

    def pieces(self) -> Iterator[str | Group]:
        """Give the text between the tabs, and the groups of tabs."""
        end, group = 0, Group()
        for found in FENCE.finditer(self.text):
            between = self.text[end : found.start()]
            if between.strip():
                if group.pieces:
                    yield group
                    group = Group()
                yield between
            end = found.end()
            self._add(group, found)
        if group.pieces:
            yield group
        yield self.text[end:]

    def _add(self, group: Group, found: re.Match[str]) -> None:
        named = found["tabs"] or found["for"]
        names = [one.strip() for one in named.split(",")]
        for tab in self.config.tab_names if names == ["all"] else names:
            piece = found["prose"] or f"```python\n{found['code']}```\n"
            if found["code"] is not None:
                output = next(self._outputs[tab])
                if output.strip():
                    piece += f"\n```text\n{output.rstrip()}\n```\n"
            group.pieces.setdefault(tab, []).append(piece)


def _in_order(group: Group, titles: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Return the pieces in the order that the book's configuration gives the tabs."""
    return [(tab, group.pieces[tab]) for tab in titles if tab in group.pieces]


def _material(group: Group, titles: dict[str, str]) -> str:
    parts = []
    for tab, pieces in _in_order(group, titles):
        text = "\n".join(pieces).replace("\n", "\n    ").rstrip()
        parts.append(f'=== "{titles[tab]}"\n\n    {text}\n')
    return "\n" + "\n".join(parts) + "\n"


def _furo(group: Group, titles: dict[str, str]) -> str:
    parts = [
        f":::{{tab-item}} {titles[tab]}\n:sync: {tab}\n\n" + "\n".join(pieces) + ":::\n"
        for tab, pieces in _in_order(group, titles)
    ]
    return "\n".join(
        ("", "::::{tab-set}", ":sync-group: framework", "", *parts, "::::", "")
    )


def _plain(text: str, titles: dict[str, str]) -> str:
    """Replace what only d2lbook understands by plain Markdown."""
    text = re.sub(r"^:(?:label|width):`.*`\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^```(?:eval_rst|toc)\n(?:.*\n)*?```\n", "", text, flags=re.M)
    text = re.sub(
        r":(?:numref|ref):`([^`]+)`", lambda m: f"“{titles.get(m[1], '图')}”", text
    )
    return re.sub(r":cite:`([^`]+)`", r"（\1）", text)


def _write(
    config: Config, target: Path, show: Callable[[Group, dict[str, str]], str]
) -> list[str]:
    """Write every section; return the pages in reading order."""
    frameworks = {tab.name: tab.title for tab in config.all_tabs}
    sections = [Section(config, one.path) for one in read_book(config)]
    headings = {
        label: one.text.split("\n", 1)[0].lstrip("# ")
        for one in sections
        for label in re.findall(r":label:`([^`]+)`", one.text)
    }
    for one in sections:
        pieces = [
            _plain(
                piece if isinstance(piece, str) else show(piece, frameworks), headings
            )
            for piece in one.pieces()
        ]
        place = target / one.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(pieces), "utf-8")
    shutil.copytree(config.root / "img", target / "img")
    return [str(one.path) for one in sections]


def names_of_one_tab(config: Config, count: int) -> list[str]:
    """Draw names that the code of one tab alone has, and not that of the first."""
    of_tabs: dict[str, set[str]] = {}
    for one in read_book(config):
        for found in FENCE.finditer((config.root / one.path).read_text("utf-8")):
            for name in re.findall(r"[A-Za-z_]\w{5,}", found["code"] or ""):
                of_tabs.setdefault(name, set()).add(found["tabs"])
    first = config.default_tab.name
    alone = [
        name
        for name, tabs in of_tabs.items()
        if len(tabs) == 1 and not tabs & {first, "all"}
    ]
    return random.Random(1).sample(sorted(alone), count)


def write_material(config: Config, target: Path) -> None:
    """Write what `mkdocs build` reads."""
    pages = _write(config, target / "docs", _material)
    content = MATERIAL.format(title=config.title, nav=", ".join(pages))
    (target / "mkdocs.yml").write_text(content, "utf-8")
    (target / "offline.yml").write_text(OFFLINE, "utf-8")


def write_furo(config: Config, target: Path) -> None:
    """Write what `sphinx-build` reads, with Furo and sphinx-design."""
    pages = _write(config, target, _furo)
    (target / "conf.py").write_text(FURO.format(title=config.title), "utf-8")
    tree = "\n".join(one.removesuffix(".md") for one in pages if one != "index.md")
    with (target / "index.md").open("a", encoding="utf-8") as index:
        index.write(f"\n```{{toctree}}\n\n{tree}\n```\n")


def write_d2l(config: Config, target: Path) -> None:
    """Copy d2lbook's own pages, with the configuration it writes for mxtheme."""
    shutil.copytree(MADE / "_build" / "rst_all", target)
    conf = target / "conf.py"
    head, _, rest = conf.read_text("utf-8").partition("\nextensions = [name for")
    text = head + rest[rest.index("\ndef setup(app):") :]
    for name in NOT_FOUND:
        text = text.replace(f'"{name}",', "").replace(f',"{name}"', "")
    conf.write_text(text + "\nlanguage = 'zh_CN'\n", "utf-8")


def main() -> None:
    """Write all three into the folder that is named."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.sites.others FOLDER")
    config, target = load(ROOT), Path(sys.argv[1])
    if not (MADE / "_build" / "rst_all").exists():
        sys.exit("error: d2lbook has built no pages. Run `make d2lbook` first")
    if target.exists():
        sys.exit(f"error: {target} exists; name a folder that does not")
    write_material(config, target / "material")
    write_furo(config, target / "furo")
    write_d2l(config, target / "d2l")
    print("Written:", *sorted(target.iterdir()))


if __name__ == "__main__":
    main()
