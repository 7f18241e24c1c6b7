"""A formula in one line of plain letters, as one types it: for excerpts."""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET

from bookkit.book.formulas import FormulaError, mathml

_INVISIBLE = re.compile("[\u2061-\u2064]")
_RELATIONS = frozenset("=≠<>≤≥≈≡∼∝∈∉⊂⊆→←⇒⇔↦:|")
# What needs no brackets below a root, beside a fraction's line, and as an index.
_SIMPLE = re.compile(r"[-−]?[\w.^√′°⊤]*|√?\([^()]*\)|.")
_INDEX = re.compile(r"[^\W_]*|[⊤∗*′″+−-]|\([^()]*\)")
_WORD = re.compile(r"[^\W\d_]{2,}")
# Marks that stand above without a sign for it.
_RAISED = frozenset("°′″‴∘")


def line_of(source: str) -> str:
    """Return LaTeX as one line, e.g. `√(x_i^2+ε)`; LaTeX if it cannot be shown."""
    try:
        text = _line_of(ET.fromstring(mathml(source, block=False)))
    except FormulaError:
        return source
    return re.sub(r" +", " ", text).strip()


def _line_of(part: ET.Element) -> str:
    inner = list(map(_line_of, part))
    match part.tag, inner:
        case "mfrac", [above, below]:
            if part.get("linethickness") == "0":
                return f"{above} {below}"
            return f"{_grouped(above, _SIMPLE)}/{_grouped(below, _SIMPLE)}"
        case "msqrt", _:
            return f"√{_grouped(_side_by_side(inner), _SIMPLE)}"
        case "mroot", [below, degree]:
            return f"{degree}√{_grouped(below, _SIMPLE)}"
        case "mover" | "munder", [base, mark] if part.get("accent") or (
            part.get("accentunder")
        ):
            return base + mark
        case "msub" | "munder", [base, below]:
            return base + _index("_", base, below)
        case "msup" | "mover", [base, above]:
            return base + _index("^", base, above)
        case "msubsup" | "munderover", [base, below, above]:
            return base + _index("_", base, below) + _index("^", base, above)
        case "mtable", _:
            return "; ".join(inner)
        case "mtr", _:
            return " ".join(inner)
        case "mo", _:
            return _sign(_plain(part.text or ""))
        case "mspace", _:
            return " " if part.get("width") else ""
    return _plain(part.text or "") + _side_by_side(inner)


def _plain(text: str) -> str:
    """Return letters without a style: nobody types the others."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def _sign(sign: str) -> str:
    if sign in _RELATIONS and sign not in ":|":
        return f" {sign} "
    return f"{sign} " if sign in {",", ";"} else sign


def _index(sign: str, base: str, index: str) -> str:
    """Return an index with its sign; what stands beside no letter is part of a word."""
    if not index or index in _RAISED or not base:
        return "°" if index == "∘" else index
    return sign + _grouped(index, _INDEX)


def _grouped(text: str, simple: re.Pattern[str]) -> str:
    return text if simple.fullmatch(text) else f"({text.strip()})"


def _side_by_side(parts: list[str]) -> str:
    """Join parts of a formula: names such as `log` do not run into others."""
    line = last = ""
    for part in filter(None, parts):
        if last[-1:].isalpha() and part[:1].isalpha():
            line += " " if _WORD.fullmatch(last) or _WORD.fullmatch(part) else ""
        line += part
        last = part
    return line
