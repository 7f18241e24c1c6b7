"""What is shown of a cell's outputs: the best form of each, and text as it is seen."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bookkit.book.formulas import FormulaError, mathml
from bookkit.site.shown.html_box import boxed
from bookkit.site.shown.markdown_output import html_of
from bookkit.site.shown.terminal import as_shown, kind_of, visible

#: Kinds of pictures with their suffixes, the best first.
PICTURES = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
}
_INTERACTIVE = re.compile(r"application/vnd\.bookkit\.(\w+)\+json")
_LENGTH = re.compile(r"\d+(?:\.\d+)?(?:px|%)?")
_DELIMITED = {
    "$$": re.compile(r"\\\[(.+?)\\\]", re.DOTALL),
    "$": re.compile(r"\\\((.+?)\\\)", re.DOTALL),
}
# The corner of pandas' tables: a header of nothing.
_NO_HEADER = re.compile(r"<th\b[^>]*>\s*</th>")


@dataclass(frozen=True)
class Text:
    """Printed text; `kind` is `stderr`, `warning`, `traceback`, or nothing of it."""

    text: str
    kind: str


@dataclass(frozen=True)
class Picture:
    """A picture as its file has it; `size` may say its width and height."""

    mime: str
    content: bytes
    caption: str
    size: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Html:
    """HTML whose elements all end in it."""

    html: str


@dataclass(frozen=True)
class Formula:
    """LaTeX without its dollar signs."""

    latex: str


@dataclass(frozen=True)
class Interactive:
    """What a script of ours can show in the place of the output before it."""

    kind: str
    content: Any


Shown = Text | Picture | Html | Formula | Interactive


def shown(outputs: Iterable[Mapping[str, Any]]) -> Iterator[Shown]:
    """Yield what is shown of a cell's outputs."""
    for output in _joined(outputs):
        kind = output["output_type"]
        if kind == "stream":
            named = "stderr" if output["name"] == "stderr" else ""
            yield from text_shown(output["text"], named)
        elif kind == "error":
            yield from text_shown("\n".join(output["traceback"]), "traceback")
        else:
            yield from _rich(output.get("data", {}), output.get("metadata", {}))


def text_shown(text: str, named: str) -> Iterator[Text]:
    """Yield a text as it is seen, unless nothing of it is."""
    seen = as_shown(text)
    if seen.strip():
        yield Text(seen, kind_of(seen) or named)


def _rich(data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[Shown]:
    picture = next((kind for kind in PICTURES if kind in data), None)
    drawn = _bytes(picture, _one(data[picture])) if picture else b""
    plain = visible(_one(data.get("text/plain", ""))).strip()
    # The name of a class is what objects say of themselves that have no caption.
    has_caption = picture == "image/svg+xml" and plain and not plain.startswith("<")
    is_best = has_caption or not {"text/html", "text/latex"} & set(data)
    if picture and drawn and is_best:
        said = metadata.get(picture) or metadata
        lengths = {side: str(said.get(side, "")) for side in ("width", "height")}
        size = {side: one for side, one in lengths.items() if _LENGTH.fullmatch(one)}
        yield Picture(picture, drawn, plain if has_caption else "", size)
    elif "text/html" in data:
        yield from _html(_one(data["text/html"]))
    elif "text/latex" in data:
        yield from _latex(_one(data["text/latex"]).strip())
    elif "text/markdown" in data:
        yield from _html(html_of(_one(data["text/markdown"])))
    else:
        yield from text_shown(_one(data.get("text/plain", "")), "")
    for kind, content in data.items():
        if named := _INTERACTIVE.fullmatch(kind):
            yield Interactive(named[1], content)


def _latex(text: str) -> Iterator[Formula | Html | Text]:
    """Yield a formula, or text with formulas in it as Markdown has them."""
    for sign, delimited in _DELIMITED.items():
        text = delimited.sub(rf"{sign}\1{sign}", text)
    alone = text.strip("$").strip()
    with contextlib.suppress(FormulaError):
        if not alone or ("$" not in alone and mathml(alone, block=True)):
            yield from [Formula(alone)] if alone else []
            return
    yield from _html(html_of(text))


def _html(text: str) -> Iterator[Html | Text]:
    """Yield a box of HTML whose elements all end in it; or else the HTML as text."""
    whole = boxed(text)
    if whole is None:
        yield from text_shown(text, "")
    elif whole.strip():
        yield Html(_NO_HEADER.sub("<td></td>", whole))


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


def _one(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)
