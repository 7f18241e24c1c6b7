"""What cells gave when they ran last, for pages that come later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: What a cell gave is kept up to this size, and what all cells of a kernel gave.
_LONGEST, _LONGEST_OF_ALL = 200_000, 2_000_000

Message = dict[str, Any]


class Given:
    """The messages of each cell's last run, as far as there is room."""

    def __init__(self) -> None:
        self._runs: dict[str, list[Message]] = {}

    def note(self, message: Message) -> None:
        """Keep what pages are told of a run."""
        cell, kind = message["cell"], message["type"]
        if kind == "running":
            self._runs.pop(cell, None)
            self._runs[cell] = [message]
        elif kind == "clear":
            del self._runs[cell][1:]
        elif kind == "output":
            self._add(self._runs[cell], message)
        elif kind == "done" and cell in self._runs:
            self._runs[cell].append(message)
            self._make_room(cell)

    def messages(self) -> Iterator[Message]:
        """Yield what was told, the cell that ran first before others."""
        for run in self._runs.values():
            for message in run:
                yield {**message, "again": True}

    def forget(self) -> None:
        """Forget all of it: the kernel is another one."""
        self._runs.clear()

    def _add(self, run: list[Message], message: Message) -> None:
        last, output = run[-1], message["output"]
        if output["kind"] != "text" or output.get("new") or last["type"] != "output":
            run.append(message)
            return
        before = last["output"]["text"]
        if "keep" in output:
            before = before.encode("utf-16-le")[: 2 * output["keep"]].decode(
                "utf-16-le"
            )
        whole = {"text": before + output["text"], "name": output["name"]}
        run[-1] = {**last, "output": {**last["output"], **whole}}

    def _make_room(self, cell: str) -> None:
        """Drop a run that is too long, and the oldest ones until the rest has room."""
        sizes = {name: _size(run) for name, run in self._runs.items()}
        drop = [cell] if sizes[cell] > _LONGEST else []
        left = sum(sizes.values())
        for name in self._runs:
            if left <= _LONGEST_OF_ALL:
                break
            left -= sizes[name]
            drop.append(name)
        for name in dict.fromkeys(drop):
            del self._runs[name]


def _size(run: list[Message]) -> int:
    outputs = (message.get("output", {}) for message in run)
    return sum(
        len(value)
        for output in outputs
        for value in output.values()
        if isinstance(value, str)
    )
