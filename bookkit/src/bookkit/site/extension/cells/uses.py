"""Tables `我想… → 代码`: each row leads to the first cell that has its code."""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from bookkit.book.uses import find, is_header, word_of
from bookkit.site.extension.cells.folded import folded_code
from bookkit.site.extension.cells.saved_names import (
    around,
    is_code,
    saved_place,
    tabs_of,
)
from bookkit.site.extension.cells.tabs import tab_group, tab_panel


def setup(app: Sphinx) -> None:
    app.add_transform(UsesTables)


class UsesTables(SphinxTransform):
    """Link the rows, once there are tab groups, and before saved names are found."""

    default_priority = 7

    def apply(self, **kwargs: object) -> None:
        wanted = word_of(self.config.language or "en")
        for table in self.document.findall(nodes.table):
            first = next(iter(table.findall(nodes.entry)), None)
            if first is None or not is_header(first.astext(), wanted):
                continue
            table["classes"].append("bk-uses")
            for body in table.findall(nodes.tbody):
                for row in body.children:
                    self._link(table, list(row.findall(nodes.entry)))

    def _link(self, table: nodes.table, entries: list[nodes.entry]) -> None:
        codes = [one for entry in entries[1:2] for one in entry.findall(nodes.literal)]
        if not codes:
            return
        tab = tabs_of(table, self.config.bookkit_tabs)[0]
        blocks = [
            block
            for block in self.document.findall(nodes.literal_block)
            if is_code(block) and tab in tabs_of(block, self.config.bookkit_tabs)
        ]
        at = find(codes[0].astext(), (block.astext() for block in blocks))
        if at is None:
            return  # `check` tells of it
        is_shared = around(table, tab_panel) is None
        name = f"bk-code-{at + 1}" if is_shared else f"bk-code-{tab}-{at + 1}"
        anchor = self._anchor(blocks[at], name, is_shared)
        for text in entries[0].findall(nodes.paragraph):
            if not any(text.findall(lambda one: isinstance(one, _LINKS))):
                link = nodes.reference("", "", refuri=f"#{anchor}", internal=True)
                link += text.children
                text.children = []
                text += link

    def _anchor(self, block: nodes.Element, name: str, is_shared: bool) -> str:
        """Make an anchor above a cell; one for all tabs stands above all of them."""
        shown: nodes.Element = block
        if isinstance(shown.parent, folded_code):
            shown = shown.parent
        if is_shared:
            shown = around(shown, tab_group) or shown
        if name not in self.document.ids:
            place = saved_place(ids=[name])
            assert shown.parent is not None
            shown.parent.insert(shown.parent.index(shown), place)
            self.document.ids[name] = place
        return name


_LINKS = (nodes.reference, pending_xref)
