"""How much of what a cell puts out stays: what is redrawn counts once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

#: What was overwritten is kept in memory for as long as the cell runs.
_MOST_RAW = 64
_PARTS = re.compile(r"(\r+(?!\n)|\n)")
_COUNTED = frozenset(
    "stream display_data execute_result update_display_data error".split()
)


class Amount:
    """The bytes of text and of pictures that are left of a cell's outputs."""

    def __init__(self) -> None:
        self.text = self.pictures = self.raw = 0
        self._line = 0
        self._shown: dict[str, tuple[int, int]] = {}
        self._clears = False

    def take(self, message: Mapping[str, Any]) -> None:
        """Count one message of a kernel."""
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._clears = True
            if not content.get("wait"):
                self._clear()
        if kind not in _COUNTED:
            return
        if self._clears:
            self._clear()
        if kind == "stream":
            self._print(content["text"])
        else:
            self._display(content)

    def over(self, text: int, pictures: int) -> str:
        """Return which of the limits is passed: `text`, `pictures`, or none."""
        if self.text > text or self.raw > _MOST_RAW * max(text, pictures):
            return "text"
        return "pictures" if self.pictures > pictures else ""

    def _clear(self) -> None:
        self.text = self.pictures = self._line = 0
        self._shown.clear()
        self._clears = False

    def _print(self, text: str) -> None:
        self.raw += len(text)
        for part in _PARTS.split(text):
            if part.startswith("\r"):
                self.text -= self._line
                self._line = 0
            else:
                self.text += len(part)
                self._line = 0 if part == "\n" else self._line + len(part)

    def _display(self, content: Mapping[str, Any]) -> None:
        found = size_of(content)
        name = content.get("transient", {}).get("display_id")
        before = self._shown.get(name, (0, 0)) if name else (0, 0)
        self.text += found[0] - before[0]
        self.pictures += found[1] - before[1]
        self.raw += sum(found)
        if name:
            self._shown[name] = found


def size_of(content: Mapping[str, Any]) -> tuple[int, int]:
    """Return how much text and how much of pictures an output or its message has."""
    texts = [content.get("text", ""), content.get("evalue", "")]
    found = [sum(map(len, (*texts, *content.get("traceback", ())))), 0]
    for kind, one in content.get("data", {}).items():
        found[kind.startswith("image/")] += len(json.dumps(one, default=str))
    return found[0], found[1]
