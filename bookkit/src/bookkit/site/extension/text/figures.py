"""Figures: alternative texts, reserved space, and dark colours of their own.

In Markdown the text in brackets is both caption and alternative text; d2lbook keeps
it as the caption only.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.images import get_image_size
from sphinx.writers.html5 import HTML5Translator

from bookkit.site.sphinx_internals import IMAGE_TAG

_SIZE = "bk-size"


def setup(app: Sphinx) -> None:
    app.add_transform(Figures)
    visitors = (_visit_image, HTML5Translator.depart_image)
    app.add_node(nodes.image, override=True, html=visitors)


class Figures(SphinxTransform):
    """Add alternative text, size and lazy loading to each figure."""

    default_priority = 7

    def apply(self, **kwargs: object) -> None:
        for figure in self.document.findall(nodes.figure):
            caption = next(iter(figure.findall(nodes.caption)), None)
            for image in figure.findall(nodes.image):
                if not image.get("alt"):
                    image["alt"] = caption.astext() if caption is not None else ""
                image["loading"] = "lazy"
                if "://" not in image["uri"]:
                    self._look_into(image)

    def _look_into(self, image: nodes.image) -> None:
        _, name = self.env.relfn2path(image["uri"], self.env.docname)
        path = Path(name)
        if not path.is_file():
            return  # Sphinx itself reports an image that is not there.
        size = get_image_size(path)
        if size is not None and min(size) > 0:
            image[_SIZE] = size
        if path.suffix == ".svg":
            drawing = path.read_text(encoding="utf-8", errors="replace")
            if "prefers-color-scheme" in drawing:
                image["classes"].append("bk-adaptive")


def _visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write the size of the file too: the text below must not move when it loads."""
    HTML5Translator.visit_image(translator, node)
    if _SIZE in node:
        width, height = node[_SIZE]
        tag = f'{IMAGE_TAG}width="{width}" height="{height}" '
        translator.body[-1] = translator.body[-1].replace(IMAGE_TAG, tag, 1)
