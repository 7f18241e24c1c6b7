"""Furo's boxes around tables and formulas, without the addresses of what is in them."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from bookkit.site.extension.furo.furo_internals import WRAPPERS


def setup(app: Sphinx) -> None:
    app.add_post_transform(OnlyOnce)


class OnlyOnce(SphinxPostTransform):
    """Let an address be in a page once."""

    default_priority = 900  # after Furo's

    def run(self, **kwargs: object) -> None:
        for box in self.document.findall(nodes.container):
            if WRAPPERS & {*box["classes"]}:
                box["ids"] = []
