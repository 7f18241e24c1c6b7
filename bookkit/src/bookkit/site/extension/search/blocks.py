"""What a page says, as its reader sees it: places under a heading, blocks of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from docutils import nodes
from sphinx import addnodes

from bookkit.book.formula_line import line_of
from bookkit.site.extension.cells.tabs import tab_group, tab_panel

TEXT, CODE, OUTPUT = range(3)

#: What the caption of a figure or a table is told of its number, e.g. `图1.1.1`.
CAPTION_NUMBER = "bk-number"

#: The tabs that show a block (none: everybody sees it), its kind, its text.
Block = tuple[tuple[str, ...], int, str]
#: Its anchor, its heading, its blocks.
Place = tuple[str, str, list[Block]]

_SILENT = (
    nodes.comment,
    nodes.raw,
    nodes.substitution_definition,
    nodes.system_message,
    addnodes.toctree,
    addnodes.index,
)
# What names are made of, set as wide as Han characters: `.`, digits, letters, `_`.
_FULL_WIDTH = re.compile(r"[\uff0e\uff10-\uff19\uff21-\uff3a\uff3f\uff41-\uff5a]+")
_SPACE = re.compile(r"[^\S\n]+|\n+")


def places_of(doctree: nodes.document, number: Callable[[str], str]) -> list[Place]:
    """Return a page's places in reading order, the first under the page's title.

    `number` gives what is written before the heading of an anchor, e.g. `1.1 `.
    """
    places: list[Place] = []
    for section in doctree.findall(nodes.section):
        anchor = section["ids"][0] if section["ids"] else ""
        title = next(iter(section.findall(nodes.title)), None)
        heading = number(anchor) + said(title) if title is not None else ""
        blocks = [block for child in section for block in _blocks(child, ())]
        places.append((anchor, heading, _once(blocks)))
    outside = [block for child in doctree for block in _blocks(child, ())]
    if outside and not places:
        places.append(("", "", []))
    # The first place is the page itself: its title, and what comes before and after.
    for _, heading, found in places[:1]:
        places[0] = ("", heading, _once([*outside, *found]))
    return places


def said(element: nodes.Element) -> str:
    """Return the text of a heading or a paragraph."""
    return _tidy("".join(_texts(element)))


def _blocks(node: nodes.Node, tabs: tuple[str, ...]) -> Iterator[Block]:
    """Yield the blocks at and below a node, without those of deeper sections."""
    if isinstance(node, (nodes.section, *_SILENT)):
        return
    if not isinstance(node, nodes.Element):
        return
    if isinstance(node, tab_panel):
        tabs = (node["tab"],)
    if isinstance(node, tab_group):
        yield from _alternatives(node)
    elif isinstance(node, nodes.TextElement):
        if isinstance(node, nodes.title) and isinstance(node.parent, nodes.section):
            return
        kind, text = _kind(node), _text(node)
        if text:
            yield tabs, kind, text
    else:
        for child in node.children:
            yield from _blocks(child, tabs)


def _alternatives(group: tab_group) -> Iterator[Block]:
    """Yield what some tabs say alike once, with all their names."""
    found: dict[tuple[int, str], list[str]] = {}
    for panel in group.findall(tab_panel):
        for tabs, kind, text in _blocks(panel, ()):
            named = found.setdefault((kind, text), [])
            named += (tab for tab in tabs if tab not in named)
    for (kind, text), names in found.items():
        yield tuple(names), kind, text


def _once(blocks: list[Block]) -> list[Block]:
    return list(dict.fromkeys(blocks))


def _kind(node: nodes.TextElement) -> int:
    if not isinstance(node, (nodes.literal_block, nodes.doctest_block)):
        return TEXT
    return OUTPUT if "output" in node["classes"] else CODE


def _text(node: nodes.TextElement) -> str:
    if isinstance(node, nodes.math_block):
        return _tidy(line_of(node.astext()))
    if _kind(node) == TEXT:
        number = node.get(CAPTION_NUMBER)
        return f"{number} {said(node)}" if number else said(node)
    lines = [line.rstrip() for line in node.astext().strip("\n").splitlines()]
    return _readable("\n".join(lines))


def _texts(element: nodes.Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, nodes.Text):
            yield child.astext()
        elif isinstance(child, nodes.math):
            yield line_of(child.astext())
        elif isinstance(child, nodes.Element) and not isinstance(child, _SILENT):
            yield from _texts(child)


def _tidy(text: str) -> str:
    return _readable(_SPACE.sub(" ", text).strip())


def _readable(text: str) -> str:
    whole = unicodedata.normalize("NFC", text)
    return _FULL_WIDTH.sub(lambda wide: unicodedata.normalize("NFKC", wide[0]), whole)
