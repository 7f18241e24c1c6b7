"""Where pages define saved functions, and where they use them.

Every definition gets an anchor, e.g. `d2l-try_gpu`, above its cell or the group of
cells that define it in several frameworks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from bookkit.library.modules import alias_of, module_name
from bookkit.library.uses import find_uses, saved_names
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.extension.base.per_page import PerPage
from bookkit.site.extension.base.settings import book_of
from bookkit.site.extension.cells.numbers import code_cell
from bookkit.site.extension.cells.outputs import OUTPUT
from bookkit.site.extension.cells.tabs import tab_group, tab_panel

#: What a page uses, on a block of code or a piece of code in the text.
USES = "bk_uses"
_LANGUAGES = ("ipython3", "ipython", "python3", "python")
#: The anchors of a page's definitions.
_DEFINED = PerPage("defined")
#: The names that a page uses, or seems to use.
USED = PerPage("used")

#: The anchors of one page's definitions: by tab, then by name.
Anchors = dict[str, dict[str, str]]


def setup(app: Sphinx) -> None:
    places = _Places()
    app.connect("env-get-outdated", places.begin)
    _DEFINED.setup(app)
    USED.setup(app)
    # After the numbers of sections are given.
    app.connect("env-get-updated", places.moved, priority=900)
    app.add_transform(SavedNames)
    add_html_node(app, saved_place, _visit_place, _depart_place)


def modules(app: Sphinx) -> dict[str, str]:
    """Return the module of each tab's saved code, e.g. `d2l.torch`."""
    book = book_of(app)
    return {
        tab.name: module_name(book.root, tab.library)
        for tab in book.all_tabs
        if tab.library and tab.name in app.config.bookkit_tabs
    }


def tabs_of(node: nodes.Node, tabs: Sequence[str]) -> tuple[str, ...]:
    """Return those of `tabs` whose readers see a node."""
    panel = around(node, tab_panel)
    return (panel["tab"],) if panel is not None else tuple(tabs)


def place_of(
    env: BuildEnvironment, name: str, tabs: Iterable[str]
) -> tuple[str, str] | None:
    """Return page and anchor of the definition that readers of `tabs` see."""
    for tab in tabs:
        for docname, anchors in _DEFINED.of(env).items():
            if name in anchors.get(tab, {}):
                return docname, anchors[tab][name]
    return None


class saved_place(nodes.General, nodes.Element):  # type: ignore[misc]
    """An anchor of its own: docutils would give its name to what follows."""


class SavedNames(SphinxTransform):
    """Find out what a page defines and uses, once its tab groups are there."""

    default_priority = 8

    def apply(self, **kwargs: object) -> None:
        named = modules(self.app)
        packages = set(map(alias_of, named.values()))
        blocks = list(filter(is_code, self.document.findall(nodes.literal_block)))
        anchors: Anchors = {}
        for tab, module in named.items():
            mine = [block for block in blocks if tab in tabs_of(block, [*named])]
            texts = [block.astext() for block in mine]
            found = find_uses(texts, module)
            for block, text, uses in zip(mine, texts, found, strict=True):
                for use in uses:
                    block.setdefault(USES, {}).setdefault(use, []).append(tab)
                for name in saved_names(text):
                    anchor = self._anchor(block, f"{alias_of(module)}-{name}", tab)
                    anchors.setdefault(tab, {})[name] = anchor
        used = {use.name for block in blocks for use in block.get(USES, {})}
        used.update(self._find_in_prose(packages))
        if anchors:
            _DEFINED.of(self.env)[self.env.docname] = anchors
        USED.of(self.env).setdefault(self.env.docname, set()).update(used)

    def _anchor(self, block: nodes.Element, name: str, tab: str) -> str:
        """Make an anchor above a block, or take the one that is there."""
        shown: nodes.Element = around(block, (tab_group, code_cell)) or block
        parent = shown.parent
        assert parent is not None
        at = parent.index(shown)
        for before in reversed(parent.children[:at]):
            if not isinstance(before, saved_place):
                break
            if before["ids"][0] in (name, f"{name}-{tab}"):
                return str(before["ids"][0])
        anchor = f"{name}-{tab}" if name in self.document.ids else name
        place = saved_place(ids=[anchor])
        parent.insert(at, place)
        self.document.ids[anchor] = place
        return anchor

    def _find_in_prose(self, packages: set[str]) -> Iterator[str]:
        if not packages:
            return
        choice = "|".join(map(re.escape, packages))
        name = re.compile(rf"(?:{choice})\.(\w+)(?:\(.*\))?")
        for literal in self.document.findall(nodes.literal):
            match = name.fullmatch(literal.astext())
            if match and not around(literal, (nodes.reference, nodes.title)):
                literal[USES] = match[1]
                yield match[1]


def is_code(block: nodes.literal_block) -> bool:
    classes = block.get("classes", [])
    known = block.get("language") in _LANGUAGES
    return known and OUTPUT not in classes and "bk-signature" not in classes


def around(node: nodes.Node, kind: Any) -> nodes.Element | None:
    parent = node.parent
    while parent is not None and not isinstance(parent, kind):
        parent = parent.parent
    return parent


def _visit_place(translator: HTML5Translator, node: saved_place) -> None:
    translator.body.append(translator.starttag(node, "span", "", CLASS="bk-place"))


def _depart_place(translator: HTML5Translator, node: saved_place) -> None:
    translator.body.append("</span>")


class _Places:
    """Which pages link to a definition that is somewhere else now."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, str], Any] = {}

    def begin(self, app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
        self._before = self._now(env)
        return []

    def moved(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        now = self._now(env)
        names = {key[1] for key, _ in set(self._before.items()) ^ set(now.items())}
        return [docname for docname, used in USED.of(env).items() if used & names]

    def _now(self, env: BuildEnvironment) -> dict[tuple[str, str], Any]:
        return {
            (tab, name): (docname, anchor, *title_of_page(env, docname))
            for docname, anchors in _DEFINED.of(env).items()
            for tab, names in anchors.items()
            for name, anchor in names.items()
        }


def title_of_page(env: BuildEnvironment, docname: str) -> tuple[str, str]:
    """Return a page's number and title, e.g. `1.6` and `GPU`."""
    number = env.toc_secnumbers.get(docname, {}).get("") or ()
    title = env.titles.get(docname)
    return ".".join(map(str, number)), title.astext() if title else docname
