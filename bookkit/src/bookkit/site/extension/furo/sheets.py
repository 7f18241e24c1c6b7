"""A style sheet taken apart and put together: only what a minified one needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PIECE = re.compile(
    r"""/\*.*?\*/|'[^']*'|"[^"]*"|[()\[\]{};,]|[^()\[\]{};,'"/]+|/""", re.S
)
_NOT = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)")


@dataclass(frozen=True)
class Rule:
    """A selector or the condition of a group, and what stands in its braces."""

    head: str
    body: str

    @property
    def is_group(self) -> bool:
        """Tell whether there are rules in it."""
        return self.head.startswith(("@media", "@supports"))

    @property
    def selectors(self) -> list[str]:
        """Return what the rule is for, without what it is not for."""
        return split(_NOT.sub("", self.head), ",")

    def __str__(self) -> str:
        return f"{self.head}{{{self.body}}}"


def rules_of(sheet: str) -> Iterator[Rule]:
    """Yield the rules of a sheet in their order."""
    parts: list[str] = []
    head, depth = "", 0
    for piece in _PIECE.findall(sheet):
        if piece == "{":
            depth += 1
            if depth == 1:
                head, parts = "".join(parts).strip(), []
                continue
        elif piece == "}":
            depth -= 1
            if depth == 0:
                yield Rule(head, "".join(parts).strip())
                parts = []
                continue
        parts.append(piece)


def split(text: str, sign: str) -> list[str]:
    """Return what stands between the signs that no bracket and no quote encloses."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        depth += (piece in "([{") - (piece in ")]}")
        if piece == sign and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts if part.strip()]
