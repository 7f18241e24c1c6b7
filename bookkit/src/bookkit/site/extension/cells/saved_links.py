"""Links from uses of saved functions to their definitions, in code and in the text."""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.cells.saved_names import USES, place_of, tabs_of

_LINKS = "bk_links"
_PIECE = re.compile(r"<[^>]*>|&\w+;|&#\w+;|[^<&]+|[<&]")
_PRE = re.compile(r"(<pre>)(.*)(</pre>)", re.DOTALL)

#: Where a name begins in a text, its length, and where it leads.
Link = tuple[int, int, str]


class linked_code(nodes.literal_block):  # type: ignore[misc]
    """A block of code with links in it; attribute: the links, in their order."""


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", _find_places)
    app.add_node(linked_code, html=(_visit_code, HTML5Translator.depart_literal_block))


def _find_places(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    for block in list(doctree.findall(nodes.literal_block)):
        links = _links(app, block, docname) if USES in block else []
        if links and block.parent is not None:
            linked = linked_code(block.rawsource, block.astext(), **block.attributes)
            linked[_LINKS] = links
            linked.source, linked.line = block.source, block.line
            block.parent.replace(block, linked)
    for literal in list(doctree.findall(nodes.literal)):
        if USES in literal:
            tabs = tabs_of(literal, app.config.bookkit_tabs)
            address = _address(app, docname, literal[USES], tabs)
            if address and literal.parent is not None:
                link = nodes.reference("", "", internal=True, refuri=address)
                link["classes"].append("bk-saved")
                literal.parent.replace(literal, link)
                link += literal


def _links(app: Sphinx, block: nodes.Element, docname: str) -> list[Link]:
    lines = block.astext().split("\n")
    found = []
    for use, tabs in block[USES].items():
        address = _address(app, docname, use.name, tabs)
        if address:
            start = sum(len(line) + 1 for line in lines[: use.line - 1]) + use.column
            found.append((start, len(use.written), address))
    return sorted(found)


def _address(app: Sphinx, docname: str, name: str, tabs: tuple[str, ...]) -> str:
    place = place_of(app.env, name, tabs)
    if place is None:
        return ""
    page, anchor = place
    before = "" if page == docname else app.builder.get_relative_uri(docname, page)
    return f"{before}#{anchor}"


def _visit_code(translator: HTML5Translator, node: linked_code) -> None:
    try:
        translator.visit_literal_block(node)
    except nodes.SkipNode:
        links = node[_LINKS]
        translator.body[-1] = _PRE.sub(
            lambda match: match[1] + with_links(match[2], links) + match[3],
            translator.body[-1],
        )
        raise


def with_links(html: str, links: list[Link]) -> str:
    """Put links into highlighted code, whose marks never lie inside of a name."""
    parts, at, waiting = [], 0, list(links)
    for piece in _PIECE.findall(html):
        if piece.startswith("<") and len(piece) > 1:
            parts.append(piece)
            continue
        length = 1 if piece.startswith("&") else len(piece)
        begin = 0
        while waiting and waiting[0][0] + waiting[0][1] <= at + length:
            start, size, address = waiting.pop(0)
            name = piece[start - at : start - at + size]
            if start < at or not name.isidentifier():
                continue
            parts.append(piece[begin : start - at])
            parts.append(f'<a class="bk-saved" href="{escape(address)}">{name}</a>')
            begin = start - at + size
        parts.append(piece[begin:])
        at += length
    return "".join(parts)
