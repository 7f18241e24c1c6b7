"""The prose of a section, piece by piece, and what holds the numbers in it.

A piece is a part below a heading, an exercise or a solution, which is one with its
exercise. What its cells say, and show as far as that is approved, is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bookkit.book.config import Config
from bookkit.book.source import Section

APPROVED = Path(__file__).parents[1] / "notebooks" / "approved"
EXERCISES = "练习"

_FENCE = re.compile(r"^```.*?^```", re.M | re.S)
_NUMBER = re.compile(r"(?<![\w.\\])\d+(?:\.\d+)?(?:e-?\d+)?", re.A)
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
#: What is no sentence: headings, directives, tables' rules, HTML, labels of exercises.
_NO_SENTENCE = re.compile(r"#|:\w+:`|:begin_tab|:end_tab|\|[:|-]|<|!\[|\d+\. \*\*[^*]*\*\*：$")
_TAB = re.compile(r"^:begin_tab:`([^`]*)`$(.*?)^:end_tab:$", re.M | re.S)
_HEAD = re.compile(r"^(#{2,}) (.+)$|^(\d+)\. \*\*", re.M)
_CODE = re.compile(r"`([^`\n]+)`")
_FORMULA = re.compile(r"\$([^$]+)\$")
#: Numbers that other tests hold: of exercises and their stars, of solutions, marks, rows
#: of `我想…`, addresses. And estimates of how long an answer is, which nobody counts.
_ELSEWHERE = re.compile(
    r"^\d+\. (?=\*\*)|^## \d+$|^\*\*评分\*\*：.*$|^\|(?=.*`\|$).*\|$|\]\([^)]*\)|^\[[^]]*\]: .*$"
    r"|:\w+:`[^`]*`|约?\d+(?:到\d+)?(?:行|句话)|\d+分钟以内",
    re.M,
)


@dataclass
class Piece:
    """What belongs together: code by tab, and what it shows."""

    code: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)

    def numbers(self, tab: str) -> set[float]:
        """Return the numbers that a tab's cells have or show here."""
        text = f"{self.code.get(tab, '')}\n{self.shown.get(tab, '')}"
        return {float(one) for one in _NUMBER.findall(text)}


def prose_of(text: str) -> str:
    """Blank out the cells of a text; places stay where they are."""
    return _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def sentences(text: str) -> Iterator[re.Match[str]]:
    """Yield what of a section's text can be claimed."""
    for found in _SENTENCE.finditer(prose_of(text)):
        if len(found[0].strip()) > 3 and not _NO_SENTENCE.match(found[0].strip()):
            yield found


def numbers(text: str) -> Iterator[re.Match[str]]:
    """Yield the numbers in a section's prose that no other test holds."""
    prose = prose_of(text)
    elsewhere = [found.span() for found in _ELSEWHERE.finditer(prose)]
    for found in _NUMBER.finditer(prose):
        if not any(begin <= found.start() < end for begin, end in elsewhere):
            yield found


def covered(text: str, quotes: list[str]) -> bytearray:
    """Mark the places of a text that quotes stand at."""
    marks = bytearray(len(text))
    for quote in quotes:
        at = text.find(quote)
        while at >= 0:
            marks[at : at + len(quote)] = b"\1" * len(quote)
            at = text.find(quote, at + 1)
    return marks


def tabs_at(text: str, place: int, book: Config) -> list[str]:
    """Return the tabs that show a place of a text."""
    for found in _TAB.finditer(text):
        if found.start() <= place < found.end():
            return [tab for tab in re.split("[, ]+", found[1]) if tab]
    return [tab.name for tab in book.tabs]


def _name_at(text: str, place: int, solution: bool) -> str:
    """Name the piece that a place belongs to."""
    name, exercises = "", solution
    for found in _HEAD.finditer(text, 0, place):
        if found[1]:
            exercises = solution or (exercises and found[1] != "##") or found[2] == EXERCISES
            name = f"exercise {found[2]}" if solution else found[2]
        elif exercises:
            name = f"exercise {found[3]}"
    return name


class Pieces:
    """The pieces of a section and of its solutions."""

    def __init__(self, section: Section, book: Config) -> None:
        self._found: dict[str, Piece] = {}
        self._book = book
        for tab in book.tabs:
            file = json.loads((APPROVED / f"{tab.name}.json").read_text(encoding="utf-8"))
            shown = iter(file["shown"].get(str(section.path), []))
            for part in filter(None, (section, section.solution)):
                starts = [0]
                for line in part.text.split("\n"):
                    starts.append(starts[-1] + len(line) + 1)
                for cell in part.code:
                    if cell.shown_in(tab.name):
                        name = _name_at(part.text, starts[cell.line - 1], part is not section)
                        piece = self._found.setdefault(name, Piece())
                        outputs = "\n".join(next(shown, []))
                        for kept, more in ((piece.code, cell.source), (piece.shown, outputs)):
                            kept[tab.name] = f"{kept.get(tab.name, '')}\n{more}"

    def at(self, part: Section, place: int) -> Piece:
        """Return the piece that a place of the section or of its solutions is in."""
        solution = part.text.startswith("# ") and str(part.path).startswith("solutions")
        return self._found.get(_name_at(part.text, place, solution), Piece())

    def hold(self, part: Section, number: re.Match[str]) -> bool:
        """Tell whether the code around a number, or a formula, says the same."""
        place, text = number.start(), part.text
        piece, tabs = self.at(part, place), tabs_at(text, place, self._book)
        span = next((s for s in _CODE.finditer(text) if s.start() < place < s.end()), None)
        everything = self._found.values()
        if span:
            code = span[1].rstrip("…")
            own = {tab: "".join(one.code.get(tab, "") for one in everything) for tab in tabs}
            shown = [text for one in everything for text in one.shown.values()]
            if all(code in one for one in own.values()) or any(code in one for one in shown):
                return True
        if _is_true(
            next((f[1] for f in _FORMULA.finditer(text) if f.start() < place < f.end()), "")
        ):
            return True
        value = float(number[0])
        return all(value in piece.numbers(tab) for tab in tabs if tab in piece.code) and any(
            tab in piece.code for tab in tabs
        )


def _is_true(formula: str) -> bool:
    """Tell whether a formula is a sum that comes out."""
    text = formula.replace("\\times", "*")
    if "=" not in text or not re.fullmatch(r"[\d\s.*+=()-]+", text):
        return False
    sides = {eval(side, {"__builtins__": {}}) for side in text.split("=")}
    return len(sides) == 1
