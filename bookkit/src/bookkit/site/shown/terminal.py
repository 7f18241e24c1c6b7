"""Printed text as a terminal would show it, without its colours and commands.

What a terminal writes over is gone: progress bars by carriage returns and backspaces,
and those of several lines by cursor movements.
"""

from __future__ import annotations

import re

# CSI sequences with their numbers and their letter; OSC and other strings, e.g. links
# and titles; other escapes.
_ESCAPE = re.compile(
    r"\x1b\[(?P<numbers>[0-?]*)[ -/]*(?P<letter>[@-~])"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-Z\\^-~]"
)
_MOVES = re.compile(r"[\r\b]|\x1b\[[0-?]*[A-HJK]")
_TRACEBACK = re.compile(r"^(?:\w.*)?Traceback \(most recent call last\)", re.M)
_WARNING = re.compile(r"^(?:\S.*:\d+: )?\w*Warning: ", re.M)
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CURSOR = re.compile(r"([\n\r\b])")
# A sequence, as above, whose end has not come.
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")
# How far a command moves the cursor at most: screens have an end.
_FARTHEST = 1000


def as_shown(text: str) -> str:
    """Return a text as it is seen; control characters that stay become signs."""
    text = re.sub("\r+\n", "\n", text)
    if _MOVES.search(text):
        screen = Screen()
        screen.write(text)
        text = screen.text
    return visible(_ESCAPE.sub("", text))


def kind_of(text: str) -> str:
    """Tell what an output seems to be: `traceback`, `warning`, or nothing of it."""
    if _TRACEBACK.search(text):
        return "traceback"
    return "warning" if _WARNING.search(text) else ""


def visible(text: str) -> str:
    """Return a text with signs for the control characters that HTML cannot hold."""
    text = re.sub("\r\n?", "\n", text).lstrip("\ufeff")
    return _UNSHOWABLE.sub(lambda one: _sign(ord(one[0])), text)


def _sign(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


class Screen:
    """Lines without an end to the right, and a cursor that writes over them."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._row = self._column = 0
        self._held = ""

    @property
    def text(self) -> str:
        return "\n".join(map("".join, self._lines))

    def stream(self, piece: str) -> None:
        """Write a piece of a text; a command that it breaks off waits for the next."""
        text = self._held + piece
        begun = _UNFINISHED.search(text)
        end = begun.start() if begun else len(text)
        self._held = text[end:]
        self.write(text[:end])

    def write(self, text: str) -> None:
        """Write a text whose commands are whole."""
        at = 0
        for escape in _ESCAPE.finditer(text):
            self._print(text[at : escape.start()])
            if escape["letter"]:
                self._command(escape["letter"], escape["numbers"])
            at = escape.end()
        self._print(text[at:])

    def _print(self, text: str) -> None:
        for part in _CURSOR.split(text):
            if part == "\n":
                self._go(self._row + 1, 0)
            elif part == "\r":
                self._column = 0
            elif part == "\b":
                self._column = max(self._column - 1, 0)
            elif part:
                line = self._lines[self._row]
                line += [" "] * (self._column - len(line))
                line[self._column : self._column + len(part)] = part
                self._column += len(part)

    def _go(self, row: int, column: int) -> None:
        last = len(self._lines) - 1
        self._row = max(0, min(row, last + _FARTHEST))
        self._column = max(0, min(column, max(self._column, _FARTHEST)))
        self._lines += [[] for _ in range(self._row - last)]

    def _command(self, letter: str, numbers: str) -> None:
        number, *others = (int(one) for one in re.findall(r"\d{1,5}", numbers + ";0"))
        count = max(number, 1)
        if letter in "ABEF":
            down = count if letter in "BE" else -count
            self._go(self._row + down, self._column if letter in "AB" else 0)
        elif letter in "CD":
            self._go(self._row, self._column + (count if letter == "C" else -count))
        elif letter == "G":
            self._go(self._row, count - 1)
        elif letter == "H":
            self._go(count - 1, max(others[0] if others else 0, 1) - 1)
        elif letter in "JK":
            self._erase(number, is_all=letter == "J")

    def _erase(self, part: int, *, is_all: bool) -> None:
        """Erase what is behind the cursor; 1: before it; 2: both."""
        line = self._lines[self._row]
        if part != 1:
            del line[self._column :]
            if is_all:
                del self._lines[self._row + 1 :]
        if part == 2:
            line.clear()
        elif part:
            end = min(self._column + 1, len(line))
            line[:end] = [" "] * end
        if part and is_all:
            self._lines[: self._row] = [[] for _ in range(self._row)]
