"""HTML that a cell gives, kept in its box: read as browsers read it, and written whole.

Left out is what reaches beyond the box: style sheets, addresses for the whole page,
and the names that our scripts and style sheets look for. Its headings are none of
the page's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import html5lib
from html5lib.constants import namespaces
from html5lib.serializer import HTMLSerializer

from bookkit.site.shown.terminal import visible

_LEFT_OUT = {"base", "frame", "frameset", "link", "meta", "style"}
# In a script: the page is searched for style sheets, which are then left out.
_SHEET = re.compile(r"</?style\b", re.I)
_HEADING = re.compile(r"h[1-6]")
_WIDTH = re.compile(r"\s*width\s*:\s*(\d+(?:\.\d+)?)(%|px)?\s*;?\s*")
# Browsers read none of these where an address begins.
_UNREAD = re.compile("[\x00-\x20\x7f-\x9f]+")
_ADDRESSES = {"action", "data", "formaction", "href", "src"}
_CODE = re.compile(r"(?:javascript|vbscript):", re.I)
# Browsers leave out a line break at their beginning.
_WITHOUT_FIRST = ("pre", "listing", "textarea")
_OURS = "bk-"
_RUBRIC = "rubric"

_Token = dict[str, Any]


def boxed(text: str) -> str | None:
    """Return HTML whose elements all end in it; None: it would not end there."""
    walk = html5lib.getTreeWalker("etree")
    writer = HTMLSerializer(
        quote_attr_values="always",
        use_best_quote_char=False,
        escape_lt_in_attrs=True,
        omit_optional_tags=False,
        minimize_boolean_attributes=False,
        resolve_entities=False,
    )
    whole = str(writer.render(_kept(walk(_read(visible(text), scripting=False)))))
    is_whole = not _SHEET.search(whole) and _ends(whole, False) and _ends(whole, True)
    return whole if is_whole else None


def _read(text: str, *, scripting: bool) -> Any:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    return parser.parseFragment(text, container="div", scripting=scripting)


def _ends(whole: str, scripting: bool) -> bool:
    """Tell whether what follows a box stands outside, with and without scripts."""
    found = _read(f"<div>{whole}</div><hr>", scripting=scripting)
    return [one.tag for one in found] == ["div", "hr"]


def _kept(tokens: Iterator[_Token]) -> Iterator[_Token]:
    left_out, opened = 0, ""
    for token in tokens:
        kind, name = token["type"], str(token.get("name") or "")
        if opened in _WITHOUT_FIRST and str(token.get("data", "")).startswith("\n"):
            token["data"] = "\n" + token["data"]
        opened = name if kind == "StartTag" else ""
        if name in _LEFT_OUT:
            left_out += {"StartTag": 1, "EndTag": -1}.get(kind, 0)
        elif not left_out and kind not in ("Comment", "Doctype"):
            if kind in ("StartTag", "EmptyTag"):
                whole = token["data"].items()
                token["data"] = {key: one for key, one in whole if not _runs(key, one)}
            is_formula = token.get("namespace") == namespaces["mathml"]
            if kind in ("StartTag", "EmptyTag") and not is_formula:
                token["data"] = dict(_attributes(token["data"]))
            if name and _HEADING.fullmatch(name):
                token["name"] = "div"
                if kind == "StartTag":
                    token["data"][None, "class"] = _RUBRIC
            yield token


def _runs(key: tuple[Any, str], value: str) -> bool:
    """Tell whether a browser would run an address, whatever hides how it begins."""
    return key[1] in _ADDRESSES and bool(_CODE.match(_UNREAD.sub("", value)))


def _attributes(data: dict[Any, str]) -> Iterator[tuple[Any, str]]:
    for (namespace, name), value in data.items():
        if name == "style":
            width = _WIDTH.fullmatch(value)
            if width and (None, "width") not in data:
                unit = "%" if width[2] == "%" else ""
                yield (None, "width"), f"{width[1]}{unit}"
        elif name == "class":
            others = [one for one in value.split() if not one.startswith(_OURS)]
            yield (namespace, name), " ".join(others)
        elif not (name in ("id", "name") and value.startswith(_OURS)):
            yield (namespace, name), value
