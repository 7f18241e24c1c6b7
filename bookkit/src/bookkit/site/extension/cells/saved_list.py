"""A list of the saved functions, in the place of a container `bookkit-saved-functions`.

Each name is a section with a panel for each framework that has it: how it is called,
what it says of itself, where the book defines it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from bookkit.files import digest
from bookkit.library.modules import Entry, alias_of, import_of, read_module
from bookkit.site.extension.base.book import title_of, word
from bookkit.site.extension.base.filled import add_filled
from bookkit.site.extension.base.per_page import PerPage
from bookkit.site.extension.base.settings import book_of
from bookkit.site.extension.cells.saved_names import (
    USED,
    modules,
    place_of,
    title_of_page,
)
from bookkit.site.extension.cells.tabs import tab_group, tab_panel

_CODE = re.compile(r"(``.+?``|`[^`]+`)")
_QUIET = "bk-where"
#: The state of the modules when a page listed what they offer.
_LISTED = PerPage("listed")


class defined_in(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where a name is defined; attributes: name, tab. Gone before a page is made."""


def setup(app: Sphinx) -> None:
    _LISTED.setup(app)
    app.add_node(defined_in)
    add_filled("saved-functions", _offered)
    app.connect("env-get-outdated", _outdated)
    app.connect("doctree-resolved", _resolve)


def _offered(env: BuildEnvironment, container: nodes.container) -> list[nodes.Node]:
    """List what the modules of saved code offer."""
    app = env.app
    assert container.document is not None
    listing = _Listing(app.config, modules(app), container.document)
    offered = {
        tab.name: {entry.name: entry for entry in read_module(tab.library)}
        for tab in book_of(app).all_tabs
        if tab.library and tab.name in listing.modules
    }
    names = {name: None for found in offered.values() for name in found}
    _LISTED.of(env)[env.docname] = _state(app)
    USED.of(env).setdefault(env.docname, set()).update(names)
    if not names:
        return [nodes.paragraph("", word(app.config, "reference_empty"))]
    return [listing.imports(), *(listing.section(name, offered) for name in names)]


@dataclass(frozen=True)
class _Listing:
    """Makes the nodes of the list."""

    config: Config
    modules: Mapping[str, str]
    document: nodes.document

    def imports(self) -> nodes.Node:
        """Show how the module of each framework is imported."""
        lines = {tab: [_code(import_of(one))] for tab, one in self.modules.items()}
        return self._group(lines)

    def section(
        self, name: str, offered: Mapping[str, Mapping[str, Entry]]
    ) -> nodes.Node:
        tabs = [tab for tab in offered if name in offered[tab]]
        anchor = f"{alias_of(self.modules[tabs[0]])}.{name}"
        section = nodes.section("", ids=[anchor])
        self.document.ids[anchor] = section
        section += nodes.title("", "", nodes.literal("", name))
        if len(self.config.bookkit_tabs) > 1:
            text = self._availability(tabs)
            section += nodes.paragraph("", text, classes=[_QUIET])
        panels = {tab: list(self._panel(tab, offered[tab][name])) for tab in tabs}
        section += self._group(panels)
        return section

    def _availability(self, tabs: list[str]) -> str:
        if len(tabs) == len(self.config.bookkit_tabs):
            return word(self.config, "reference_everywhere")
        titles = [title_of(self.config, tab) for tab in tabs]
        joined = word(self.config, "reference_and").join(titles)
        return word(self.config, "reference_only").format(titles=joined)

    def _panel(self, tab: str, entry: Entry) -> Iterator[nodes.Node]:
        alias = alias_of(self.modules[tab])
        yield _code(f"{alias}.{entry.signature}")
        yield from _paragraphs(entry.docstring)
        for method in entry.methods:
            yield _code(f".{method.signature}")
            yield from _paragraphs(method.docstring)
        yield defined_in(name=entry.name, tab=tab)

    def _group(self, panels: Mapping[str, list[nodes.Node]]) -> nodes.Node:
        if len(self.config.bookkit_tabs) == 1:
            return nodes.container("", *next(iter(panels.values())))
        group = tab_group(kind="code")
        for tab, content in panels.items():
            title = title_of(self.config, tab)
            group += tab_panel("", *content, tab=tab, title=title)
        return group


def _code(text: str) -> nodes.literal_block:
    block = nodes.literal_block(text, text, language="python")
    # None of the book's cells: nothing in it is looked for.
    block["classes"].append("bk-signature")
    return block


def _paragraphs(docstring: str) -> Iterator[nodes.Node]:
    """Yield a docstring's paragraphs; what is indented keeps its lines."""
    for part in filter(None, re.split(r"\n\s*\n", docstring)):
        if re.search(r"^\s", part, re.MULTILINE):
            yield nodes.literal_block(part, part, language="none")
        else:
            pieces = [piece for piece in _CODE.split(part) if piece]
            yield nodes.paragraph("", "", *map(_inline, pieces))


def _inline(piece: str) -> nodes.Node:
    if _CODE.fullmatch(piece):
        return nodes.literal("", piece.strip("`"))
    return nodes.Text(piece)


def _state(app: Sphinx) -> str:
    tabs = book_of(app).all_tabs
    return digest(tab.library for tab in tabs if tab.library)


def _outdated(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Return the pages that list what is no longer in the modules."""
    now, listed = _state(app), _LISTED.of(env)
    return [name for name in env.found_docs if listed.get(name, now) != now]


def _resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(defined_in)):
        assert node.parent is not None
        place = place_of(app.env, node["name"], [node["tab"]])
        if place is None:
            node.parent.remove(node)
            continue
        page, anchor = place
        before = app.builder.get_relative_uri(docname, page)
        words = " ".join(filter(None, title_of_page(app.env, page)))
        link = nodes.reference("", words, internal=True, refuri=f"{before}#{anchor}")
        start, _, end = word(app.config, "reference_defined").partition("{place}")
        text = nodes.paragraph("", "", nodes.Text(start), link, nodes.Text(end))
        text["classes"].append(_QUIET)
        node.parent.replace(node, text)
