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

from docutils import nodes

from bookkit.files import write_whole
from bookkit.site.extension.cells.outputs import (
    OUTPUT,
    PLOT,
    RICH,
    kind_of,
    plot_caption,
)
from bookkit.site.extension.cells.terminal import as_shown, visible
from bookkit.site.extension.live import KINDS, interactive
from bookkit.site.extension.sections.html_box import boxed
from bookkit.site.extension.sections.markdown_output import html_of

_INTERACTIVE = re.compile(r"application/vnd\.bookkit\.(\w+)\+json")
#: Kinds of pictures with their suffixes, the best first.
_PICTURES = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
}
_LENGTH = re.compile(r"\d+(?:\.\d+)?(?:px|%)?")
# The corner of pandas' tables: a header of nothing.
_NO_HEADER = re.compile(r"<th\b[^>]*>\s*</th>")


@dataclass(frozen=True)
class Outputs:
    """Makes the nodes of a page's outputs; pictures are written to `folder`."""

    folder: Path
    prefix: str
    picture_alt: str
    address: Callable[[Path], str]

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
        drawn = _bytes(picture, _one(data[picture])) if picture else b""
        plain = visible(_one(data.get("text/plain", ""))).strip()
        # The name of a class is what objects say of themselves that have no caption.
        has_caption = picture == "image/svg+xml" and plain and not plain.startswith("<")
        is_best = has_caption or not {"text/html", "text/latex"} & set(data)
        if picture and drawn and is_best:
            said = plain if has_caption else ""
            yield self._picture(picture, drawn, metadata.get(picture) or metadata, said)
        elif "text/html" in data:
            yield from _html(_one(data["text/html"]))
        elif "text/latex" in data:
            formula = _one(data["text/latex"]).strip().strip("$").strip()
            yield nodes.math_block(formula, formula, nowrap=False, number=None)
        elif "text/markdown" in data:
            yield from _html(html_of(_one(data["text/markdown"])))
        else:
            yield from _text(_one(data.get("text/plain", "")), "")
        yield from _interactive(data)

    def _picture(
        self, kind: str, drawn: bytes, metadata: Mapping[str, Any], caption: str
    ) -> nodes.figure:
        digest = hashlib.sha256(drawn).hexdigest()[:12]
        path = self.folder / f"{self.prefix}-{digest}.{_PICTURES[kind]}"
        if not path.is_file():
            write_whole(path, drawn)
        image = nodes.image(uri=self.address(path), alt=caption or self.picture_alt)
        for side in ("width", "height"):
            if _LENGTH.fullmatch(length := str(metadata.get(side, ""))):
                image[side] = length
        figure = nodes.figure("", image, classes=[RICH])
        if caption:
            figure["classes"].append(PLOT)
            figure += plot_caption(caption, caption)
        return figure


def _bytes(kind: str, content: str) -> bytes:
    """Return a picture as its file has it; empty if it is none."""
    if kind == "image/svg+xml":
        return content.encode(errors="replace")
    try:
        return base64.b64decode(content)
    except ValueError:
        return b""


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
    shown = as_shown(text)
    if shown.strip():
        block = nodes.literal_block(shown, shown, language="none", classes=[OUTPUT])
        kind = kind_of(shown) or named
        block["classes"] += [f"bk-{kind}"] if kind else []
        yield block


def _html(text: str) -> Iterator[nodes.Element]:
    """Yield a box of HTML whose elements all end in it; or else the HTML as text."""
    whole = boxed(text)
    if whole is None:
        yield from _text(text, "")
    elif whole.strip():
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
