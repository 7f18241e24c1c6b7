"""Outputs of a cell as nodes: text as it is, pictures, tables and other HTML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes

from bookkit.files import write_whole
from bookkit.site.extension.cells.outputs import OUTPUT, PLOT, RICH, plot_caption
from bookkit.site.extension.live import KINDS, interactive
from bookkit.site.shown.outputs import (
    PICTURES,
    Formula,
    Html,
    Picture,
    Shown,
    Text,
    shown,
)


@dataclass(frozen=True)
class Outputs:
    """Makes the nodes of a page's outputs; pictures are written to `folder`."""

    folder: Path
    prefix: str
    picture_alt: str
    address: Callable[[Path], str]

    def nodes_of(self, outputs: Iterable[Mapping[str, Any]]) -> Iterator[nodes.Element]:
        """Yield the nodes of a cell's outputs."""
        for one in shown(outputs):
            yield from self._node_of(one)

    def _node_of(self, one: Shown) -> Iterator[nodes.Element]:
        if isinstance(one, Text):
            classes = [OUTPUT, *([f"bk-{one.kind}"] if one.kind else [])]
            yield nodes.literal_block(
                one.text, one.text, language="none", classes=classes
            )
        elif isinstance(one, Picture):
            yield self._picture(one)
        elif isinstance(one, Html):
            raw = nodes.raw("", one.html, format="html")
            yield nodes.container("", raw, classes=[RICH, "bk-rich-html"])
        elif isinstance(one, Formula):
            yield nodes.math_block(one.latex, one.latex, nowrap=False, number=None)
        elif one.kind in KINDS:
            text = json.dumps(one.content, ensure_ascii=False, separators=(",", ":"))
            yield interactive(kind=one.kind, content=text)

    def _picture(self, one: Picture) -> nodes.figure:
        digest = hashlib.sha256(one.content).hexdigest()[:12]
        path = self.folder / f"{self.prefix}-{digest}.{PICTURES[one.mime]}"
        if not path.is_file():
            write_whole(path, one.content)
        image = nodes.image(uri=self.address(path), alt=one.caption or self.picture_alt)
        image.attributes.update(one.size)
        figure = nodes.figure("", image, classes=[RICH])
        if one.caption:
            figure["classes"].append(PLOT)
            figure += plot_caption(one.caption, one.caption)
        return figure
