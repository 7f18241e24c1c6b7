"""Pictures: alternative texts, reserved space, and dark colours of their own.

In Markdown the text in brackets is both caption and alternative text; d2lbook keeps
it as the caption only.
"""

from __future__ import annotations

import os
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms import SphinxTransform
from sphinx.util.images import get_image_size

from bookkit.book.pictures import local_path, named_by

#: Lengths in pixels; em and its kin are of the size that most browsers begin with.
_PIXELS = {
    **{"": 1.0, "px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4},
    **{"pt": 96 / 72, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0},
}
_SIDES = ("width", "height")


def setup(app: Sphinx) -> None:
    app.add_transform(Figures)
    app.connect("config-inited", _without_links)


def _without_links(app: Sphinx, config: Config) -> None:
    """Let no picture be a link to itself because its size is said."""
    config.html_scaled_image_link = False


class Figures(SphinxTransform):
    """Add alternative text, size and lazy loading to each picture."""

    default_priority = 7

    def apply(self, **kwargs: object) -> None:
        for figure in self.document.findall(nodes.figure):
            caption = next(iter(figure.findall(nodes.caption)), None)
            for image in figure.findall(nodes.image):
                if not image.get("alt"):
                    image["alt"] = caption.astext() if caption is not None else ""
        for image in self.document.findall(nodes.image):
            image["loading"] = "lazy"
            image.setdefault("alt", "")
            path = self._path(image)
            size = get_image_size(path) if path else None
            _reserve(image, size if size and min(size) > 0 else None)
            if path and path.suffix == ".svg":
                drawing = path.read_text(encoding="utf-8", errors="replace")
                if "prefers-color-scheme" in drawing:
                    image["classes"].append("bk-adaptive")

    def _path(self, image: nodes.image) -> Path | None:
        """Return a picture's file; Sphinx itself reports one that is not there."""
        address = image["uri"]
        named = local_path(address)
        if named is None:
            return None
        # As a file is named, as an address is written, and as sites of code show files.
        for name in (address, named_by(address), named):
            path = Path(self.env.relfn2path(name, self.env.docname)[1])
            if os.path.isfile(path):
                image["uri"] = name
                return path
        return None


def _reserve(image: nodes.image, size: tuple[int, int] | None) -> None:
    """Say both sides in pixels: the text below must not move when a picture loads."""
    asked = {side: _in_pixels(image[side]) for side in _SIDES if side in image}
    if None in asked.values():  # a part of the page's width: only a browser knows it
        image.attributes.pop("height", None)
        return
    width, height = (asked.get(side) for side in _SIDES)
    if size:
        if width is None:
            width = height * size[0] / size[1] if height else size[0]
        if height is None:
            height = width * size[1] / size[0]
    for side, length in zip(_SIDES, (width, height), strict=True):
        if length:
            image[side] = str(max(round(length), 1))


def _in_pixels(length: str) -> float | None:
    number, unit = nodes.parse_measure(length)
    return float(number) * _PIXELS[unit] if unit in _PIXELS else None
