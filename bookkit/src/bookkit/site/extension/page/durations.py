"""How long a section takes to read, and how many cells it has.

Counted for one framework, the one with most to read: nobody is promised too little.
Speeds are those of reading to understand, not of reading a novel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.per_page import PerPage
from bookkit.site.extension.cells.outputs import OUTPUT
from bookkit.site.extension.cells.tabs import tab_panel

HAN_PER_MINUTE = 260
WORDS_PER_MINUTE = 160
LINES_PER_MINUTE = 25
#: Longer times are rounded to five minutes: nobody reads that evenly.
_EXACT_MINUTES = 10
_CELL_LANGUAGE = "ipython"

_DURATIONS = PerPage("durations")

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Duration:
    """Reading time and number of cells in one framework."""

    minutes: int
    cells: int


def setup(app: Sphinx) -> None:
    _DURATIONS.setup(app)
    app.connect("doctree-read", _measure)
    # Before the template that shows it below the title.
    complete_each_page(app, _tell)


def duration_of(env: BuildEnvironment, docname: str) -> Duration | None:
    """Return what was measured of a page that has cells, None for other pages."""
    found: Duration | None = _DURATIONS.of(env).get(docname)
    return found


def duration_text(config: Config, duration: Duration) -> str:
    """Return a duration in words, e.g. `约25分钟·21段代码`."""
    minutes = "duration_minutes" if duration.minutes > 1 else "duration_minute"
    cells = "duration_cells" if duration.cells > 1 else "duration_cell"
    parts = [
        word(config, minutes).format(count=duration.minutes),
        word(config, cells).format(count=duration.cells),
    ]
    return word(config, "separator").join(parts)


def measured(doctree: nodes.document, tabs: list[str]) -> Duration | None:
    """Measure a page; None when it has no cell."""
    minutes, cells = 0.0, 0
    for tab in tabs or [""]:
        blocks = list(_blocks(doctree, tab))
        minutes = max(minutes, sum(map(_minutes, blocks)))
        cells = max(cells, sum(map(_is_cell, blocks)))
    return Duration(_rounded(minutes), cells) if cells else None


def _measure(app: Sphinx, doctree: nodes.document) -> None:
    found = measured(doctree, list(app.config.bookkit_tabs))
    if found:
        _DURATIONS.of(app.env)[app.env.docname] = found


def _tell(app: Sphinx, pagename: str, context: Context) -> None:
    found = duration_of(app.env, pagename)
    said = duration_text(app.config, found) if found else _chapter_text(app, pagename)
    context["bookkit_duration"] = said


def _chapter_text(app: Sphinx, pagename: str) -> str:
    """Sum up the sections that a page lists; empty for a page of chapters."""
    listed = app.env.toctree_includes.get(pagename, [])
    found = [one for name in listed if (one := duration_of(app.env, name))]
    if len(found) < 2:
        return ""
    total = Duration(sum(one.minutes for one in found), sum(one.cells for one in found))
    sections = word(app.config, "duration_sections").format(count=len(listed))
    return word(app.config, "separator").join(
        [sections, duration_text(app.config, total)]
    )


def _blocks(node: nodes.Element, tab: str) -> Iterator[nodes.TextElement]:
    """Yield the texts that a reader of `tab` sees."""
    for child in node.children:
        if isinstance(child, tab_panel) and child["tab"] != tab:
            continue
        if isinstance(child, nodes.TextElement):
            yield child
        elif isinstance(child, nodes.Element):
            yield from _blocks(child, tab)


def _is_cell(block: nodes.TextElement) -> bool:
    """Tell a cell from other code, e.g. of a shell, by the language that it gets."""
    return str(block.get("language", "")).startswith(_CELL_LANGUAGE)


def _minutes(block: nodes.TextElement) -> float:
    if isinstance(block, nodes.literal_block):
        if OUTPUT in block["classes"]:
            return 0  # it is looked at, not read
        lines = [line for line in block.astext().split("\n") if line.strip()]
        return len(lines) / LINES_PER_MINUTE
    text = block.astext()
    han, words = len(_HAN.findall(text)), len(_WORD.findall(text))
    return han / HAN_PER_MINUTE + words / WORDS_PER_MINUTE


def _rounded(minutes: float) -> int:
    if minutes < _EXACT_MINUTES:
        return max(1, round(minutes))
    return 5 * round(minutes / 5)
