"""Outputs of a cell as nodes: text as it is, pictures, tables and other HTML.

What a cell gives may be anything: it is shown inside its own box, never interpreted as
the book's text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes

from bookkit.files import write_whole
from bookkit.site.extension.cells.outputs import (
    OUTPUT,
    PLOT,
    RICH,
    kind_of,
    plot_caption,
)
from bookkit.site.extension.cells.terminal import as_shown
from bookkit.site.extension.live import KINDS, interactive

_INTERACTIVE = re.compile(r"application/vnd\.bookkit\.(\w+)\+json")
#: Kinds of pictures with their suffixes, the best first.
_PICTURES = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
}
# The corner of pandas' tables: a header of nothing.
_NO_HEADER = re.compile(r"<th\b[^>]*>\s*</th>")


@dataclass(frozen=True)
class Outputs:
    """Makes the nodes of a page's outputs; pictures are written to `folder`."""

    folder: Path
    prefix: str
    picture_alt: str
    address: Callable[[Path], str]
    markdown: Callable[[str], list[nodes.Node]]

    def nodes_of(self, outputs: Iterable[Mapping[str, Any]]) -> Iterator[nodes.Element]:
        """Yield the nodes of a cell's outputs."""
        for output in _joined(outputs):
            kind = output["output_type"]
            if kind == "stream":
                named = "stderr" if output["name"] == "stderr" else ""
                yield from _text(output["text"], named)
            elif kind == "error":
                yield from _text("\n".join(output["traceback"]), "traceback")
            else:
                yield from self._rich(
                    output.get("data", {}), output.get("metadata", {})
                )

    def _rich(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> Iterator[nodes.Element]:
        picture = next((kind for kind in _PICTURES if kind in data), None)
        plain = _one(data.get("text/plain", "")).strip()
        # The name of a class is what objects say of themselves that have no caption.
        has_caption = picture == "image/svg+xml" and plain and not plain.startswith("<")
        if picture and (has_caption or not {"text/html", "text/latex"} & set(data)):
            said = plain if has_caption else ""
            yield self._picture(picture, data[picture], metadata.get(picture, {}), said)
        elif "text/html" in data:
            yield from _html(_one(data["text/html"]))
        elif "text/latex" in data:
            formula = _one(data["text/latex"]).strip().strip("$").strip()
            yield nodes.math_block(formula, formula, nowrap=False, number=None)
        elif "text/markdown" in data:
            made = self.markdown(_one(data["text/markdown"]))
            if made:
                yield nodes.container("", *made, classes=[RICH, "bk-rich-html"])
        else:
            yield from _text(_one(data.get("text/plain", "")), "")
        yield from _interactive(data)

    def _picture(
        self, kind: str, content: Any, metadata: Mapping[str, Any], caption: str
    ) -> nodes.figure:
        text = _one(content)
        drawn = text.encode() if kind == "image/svg+xml" else base64.b64decode(text)
        digest = hashlib.sha256(drawn).hexdigest()[:12]
        path = self.folder / f"{self.prefix}-{digest}.{_PICTURES[kind]}"
        if not path.is_file():
            write_whole(path, drawn)
        image = nodes.image(uri=self.address(path), alt=caption or self.picture_alt)
        for side in ("width", "height"):
            if side in metadata:
                image[side] = f"{metadata[side]}px"
        figure = nodes.figure("", image, classes=[RICH])
        if caption:
            figure["classes"].append(PLOT)
            figure += plot_caption(caption, caption)
        return figure


def _joined(outputs: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield outputs; what was printed to one stream in several steps is one text."""
    pending: dict[str, Any] | None = None
    for output in outputs:
        if output["output_type"] == "stream":
            text = _one(output["text"])
            if pending and pending["name"] == output["name"]:
                pending["text"] += text
                continue
            if pending:
                yield pending
            pending = {**output, "text": text}
            continue
        if pending:
            yield pending
        pending = None
        yield output
    if pending:
        yield pending


def _text(text: str, named: str) -> Iterator[nodes.literal_block]:
    shown = as_shown(text).removesuffix("\n")
    if shown.strip():
        block = nodes.literal_block(shown, shown, language="none", classes=[OUTPUT])
        kind = kind_of(shown) or named
        block["classes"] += [f"bk-{kind}"] if kind else []
        yield block


def _html(text: str) -> Iterator[nodes.container]:
    """Yield a box of HTML whose elements all end in it."""
    whole = str(BeautifulSoup(text, "html.parser"))
    if whole.strip():
        raw = nodes.raw("", _NO_HEADER.sub("<td></td>", whole), format="html")
        yield nodes.container("", raw, classes=[RICH, "bk-rich-html"])


def _interactive(data: Mapping[str, Any]) -> Iterator[interactive]:
    for kind, content in data.items():
        named = _INTERACTIVE.fullmatch(kind)
        if named and named[1] in KINDS:
            text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            yield interactive(kind=named[1], content=text)


def _one(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)
