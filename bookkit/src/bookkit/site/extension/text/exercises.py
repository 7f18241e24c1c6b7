"""Exercises: the numbered lists of the section with that title.

Each begins with its kind in bold, e.g. `**编写**：…`, which readers look for.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from bookkit.site.extension.base.book import word


def setup(app: Sphinx) -> None:
    app.add_transform(Exercises)


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
                    for item in row.children:
                        _name_kind(item)


def _name_kind(item: nodes.Node) -> None:
    text = next(iter(item.findall(nodes.paragraph)), None)
    if text is None or not len(text) or not isinstance(text[0], nodes.strong):
        return
    text[0]["classes"].append("bk-kind")
    if len(text) > 1 and isinstance(text[1], nodes.Text):
        # The mark separates; a colon after it would hang in the air.
        said = nodes.Text(text[1].astext().removeprefix("\uff1a").removeprefix(":"))
        text.replace(text[1], said)
