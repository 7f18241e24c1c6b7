"""Exercises: the numbered lists of the section with that title.

Each begins in bold with its kind and how hard it is, e.g. `**编写 ★☆☆**：…`, which
readers look for.
"""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import add_html_node
from bookkit.site.extension.text.addresses import free

_FULL = "★"
_STARS = re.compile(rf"\s*([{_FULL}☆]+)$")


def setup(app: Sphinx) -> None:
    app.add_transform(Exercises)
    add_html_node(app, stars, _visit_stars, _depart_stars)
    add_html_node(app, exercise_link, _visit_link)


class stars(nodes.Inline, nodes.TextElement):  # type: ignore[misc]
    """How hard an exercise is; attribute: the same in words, for who hears the page."""


class exercise_link(nodes.Inline, nodes.Element):  # type: ignore[misc]
    """The link of an exercise to itself; attribute: its address."""


class Exercises(SphinxTransform):
    """Add the classes that the style sheet uses for exercises and their kinds."""

    default_priority = 9

    def apply(self, **kwargs: object) -> None:
        wanted = word(self.config, "exercises").lower()
        for section in self.document.findall(nodes.section):
            title = next(iter(section.findall(nodes.title)), None)
            if title is None or title.astext().strip().lower() != wanted:
                continue
            section["classes"].append("bk-exercises")
            for row in section.children:
                if isinstance(row, nodes.enumerated_list):
                    row["classes"].append("bk-exercise-list")
                    for number, item in enumerate(row.children, row.get("start", 1)):
                        assert isinstance(item, nodes.Element)
                        address = free(self.document, f"exercise-{number}")
                        item["ids"].append(address)
                        self.document.ids[address] = item
                        self._name_kind(item)

    def _name_kind(self, item: nodes.Element) -> None:
        text = next(iter(item.findall(nodes.paragraph)), None)
        if text is None or not len(text) or not isinstance(text[0], nodes.strong):
            return
        kind = text[0]
        kind["classes"].append("bk-kind")
        said = kind.astext()
        shown = _STARS.search(said)
        if shown:
            count, most = shown[1].count(_FULL), len(shown[1])
            words = word(self.config, "exercise_stars").format(count=count, most=most)
            kind.children = []
            kind += [nodes.Text(said[: shown.start()]), nodes.Text(" ")]
            kind += stars(shown[1], shown[1], words=words)
        _drop_colon(text)
        text.insert(1, exercise_link(address=item["ids"][-1]))


def _drop_colon(text: nodes.paragraph) -> None:
    """The mark of the kind separates; a colon after it would hang in the air."""
    if len(text) > 1 and isinstance(text[1], nodes.Text):
        said = text[1].astext().removeprefix("\uff1a").removeprefix(":")
        text.replace(text[1], nodes.Text(said))


def _visit_stars(translator: HTML5Translator, node: stars) -> None:
    words = escape(node["words"])
    translator.body.append(f'<span class="bk-stars" role="img" aria-label="{words}">')


def _depart_stars(translator: HTML5Translator, node: stars) -> None:
    translator.body.append("</span>")


def _visit_link(translator: HTML5Translator, node: exercise_link) -> None:
    title = escape(word(translator.builder.config, "exercise_link"))
    address = escape(node["address"])
    translator.body.append(
        f'<a class="headerlink" href="#{address}" title="{title}">¶</a>'
    )
