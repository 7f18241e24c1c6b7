"""What a running cell gives, as messages: the same forms as on the book's pages.

Printed text comes in pieces, joined for a moment so that a cell which prints often
does not flood the page. A cell may give only so much.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from bookkit.book.formulas import FormulaError, mathml
from bookkit.run.neutral import Neutral
from bookkit.site.shown.outputs import Formula, Html, Picture, Shown, Text, shown
from bookkit.site.shown.terminal import Screen, kind_of, visible

#: Text is sent at most this often, or less often where showing it takes long.
_PAUSE_S = 0.03
_SHARE = 5
#: An error's traceback is shown after the limit, too, up to this length.
_LONGEST_ERROR = 20_000
#: What takes long to look at is looked at in another thread.
_LARGE = 20_000

Tell = Callable[[dict[str, Any]], None]
Output = dict[str, Any]


class Outputs:
    """Takes the messages of one run of a cell, and tells what is shown."""

    def __init__(
        self, tell: Tell, limit_bytes: int, cut: str, neutral: Neutral
    ) -> None:
        self._tell, self._cut, self.limit_bytes = tell, cut, limit_bytes
        self._neutral = neutral
        self._taken = 0
        self.is_cut = self._clears = False
        #: What the cell waits for, as it was told.
        self.question: Output | None = None
        self._block: _Block | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0

    async def take(self, message: Mapping[str, Any]) -> None:
        """Take a message that the kernel published."""
        kind, content = message["msg_type"], message["content"]
        if kind == "clear_output":
            self._clears = True
            if not content.get("wait"):
                self._clear()
            return
        if kind not in _KINDS:
            return
        if self._clears:
            self._clear()
        if kind == "stream":
            self._stream(content["name"], content["text"])
            return
        size = len(json.dumps(content, default=str))
        if not self._has_room(size, is_error=kind == "error"):
            return
        self.end_text()
        named = content.get("transient", {}).get("display_id")
        about = {"display": named} if named and kind == "display_data" else {}
        about |= {"replaces": named if kind == "update_display_data" else None}
        output = {**content, "output_type": "error" if kind == "error" else "rich"}

        def forms() -> list[Shown]:
            return list(shown([self._neutral.output(output)]))

        # Other readers are served while what is large is looked at.
        found = await asyncio.to_thread(forms) if size > _LARGE else forms()
        for one in found:
            for told in _told(one):
                self._tell({"type": "output", **about, "output": told})

    def overflow(self) -> None:
        """Say once that no more is shown."""
        if not self.is_cut:
            self.is_cut = True
            self.end_text()
            output = {"kind": "cut", "text": self._cut}
            self._tell({"type": "output", "replaces": None, "output": output})

    def end_text(self) -> None:
        """Send what waits; what is printed next is a block of its own."""
        self._send()
        self._block = None

    def ask(self, message: Mapping[str, Any]) -> None:
        """Tell that the cell waits for input."""
        self.end_text()
        content = message["content"]
        is_password = bool(content.get("password"))
        self.question = {"prompt": content["prompt"], "password": is_password}
        self._tell({"type": "input", **self.question})

    def _has_room(self, size: int, is_error: bool) -> bool:
        if is_error and size < _LONGEST_ERROR:
            return True
        self._taken += size
        if self._taken > self.limit_bytes:
            self.overflow()
        return not self.is_cut

    def _clear(self) -> None:
        self._clears = False
        self._drop_timer()
        self._block = None
        self._tell({"type": "clear"})

    def _stream(self, name: str, text: str) -> None:
        if self.is_cut:
            return
        if self._block is None or self._block.stream != name:
            self.end_text()
            self._block = _Block(name, self._neutral)
        left = self.limit_bytes - self._taken
        self._taken += len(text)
        self._block.add(text[: max(left, 0)])
        if self._taken > self.limit_bytes:
            self.overflow()
            return
        wait = self._next - time.monotonic()
        if wait <= 0:
            self._send()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(wait, self._send)

    def _send(self) -> None:
        self._drop_timer()
        if self._block is None:
            return
        began = time.monotonic()
        piece = self._block.piece()
        if piece:
            self._tell({"type": "output", "replaces": None, "output": piece})
        ended = time.monotonic()
        self._next = ended + max(_PAUSE_S, _SHARE * (ended - began))

    def _drop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None


_KINDS = ("stream", "display_data", "execute_result", "update_display_data", "error")


class _Block:
    """Text printed to one stream, as a terminal shows it, and what of it was sent."""

    def __init__(self, stream: str, neutral: Neutral) -> None:
        self.stream, self._neutral = stream, neutral
        self._screen = Screen()
        self._sent = self._name = ""

    def add(self, text: str) -> None:
        self._screen.stream(text)

    def piece(self) -> Output | None:
        """Return what is to be sent, None where nothing new is seen."""
        text = visible(self._neutral.text(self._screen.text))
        name = kind_of(text) or ("stderr" if self.stream == "stderr" else "")
        if not text.strip() and not self._sent or (text, name) == self._before():
            return None
        output: Output = {"kind": "text", "name": name}
        keep = _common(self._sent, text)
        if not self._sent:
            output["new"] = True
        elif keep < len(self._sent) or name != self._name:
            output["keep"] = len(text[:keep].encode("utf-16-le")) // 2
        self._sent, self._name = text, name
        return {**output, "text": text[keep:]}

    def _before(self) -> tuple[str, str]:
        return self._sent, self._name


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginnings."""
    if other.startswith(one):
        return len(one)
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if other.startswith(one[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


def _told(one: Shown) -> Iterator[Output]:
    if isinstance(one, Text):
        yield {"kind": "text", "name": one.kind, "text": one.text, "new": True}
    elif isinstance(one, Picture):
        is_svg = one.mime == "image/svg+xml"
        data = one.content.decode() if is_svg else base64.b64encode(one.content)
        text = data if isinstance(data, str) else data.decode("ascii")
        about = {"caption": one.caption, "size": dict(one.size)}
        yield {"kind": "picture", "mime": one.mime, "data": text, **about}
    elif isinstance(one, Html):
        yield {"kind": "html", "html": one.html}
    elif isinstance(one, Formula):
        yield {"kind": "math", "html": _formula(one.latex)}


def _formula(latex: str) -> str:
    try:
        return mathml(latex, block=True)
    except FormulaError:
        return f"<code>{escape(latex)}</code>"
