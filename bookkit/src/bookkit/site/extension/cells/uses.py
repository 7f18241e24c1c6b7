"""Tables `我想… → 代码`: each row leads to the first cell that has its code."""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from bookkit.book.uses import find, is_header, word_of
from bookkit.site.extension.cells.numbers import code_cell
from bookkit.site.extension.cells.saved_names import around, is_code, tabs_of
from bookkit.site.extension.cells.tabs import tab_group


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
        cells = [
            (block.astext(), cell["number"])
            for block in self.document.findall(nodes.literal_block)
            if is_code(block) and tab in tabs_of(block, self.config.bookkit_tabs)
            if (cell := around(block, (code_cell, tab_group))) and "number" in cell
        ]
        at = find(codes[0].astext(), (text for text, _ in cells))
        if at is None:
            return  # `check` tells of it
        address = f"#cell-{cells[at][1]}"
        for text in entries[0].findall(nodes.paragraph):
            if not any(text.findall(lambda one: isinstance(one, _LINKS))):
                link = nodes.reference("", "", refuri=address, internal=True)
                link += text.children
                text.children = []
                text += link


_LINKS = (nodes.reference, pending_xref)
