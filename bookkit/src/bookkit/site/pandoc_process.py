"""One pandoc for all cells: starting it takes longer than most conversions.

nbconvert starts pandoc once per cell and tab, two thousand times for a chapter.

pandoc runs a short Lua program that reads a line of JSON and writes one, until its
standard input ends, which is at the latest when we do.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from typing import Any

_PROGRAM = """\
for line in io.lines() do
  local asked = pandoc.json.decode(line)
  local fine, made = pcall(function ()
    return pandoc.write(pandoc.read(asked.text, asked.from), asked.to)
  end)
  io.write(pandoc.json.encode(fine and {made = made} or {}), "\\n")
  io.flush()
end
"""


@contextlib.contextmanager
def one_pandoc() -> Iterator[None]:
    """Let nbconvert ask a running pandoc first.

    It replaces `nbconvert.filters.pandoc.pandoc`: nbconvert has no option for it, and
    no issue was found that asks for one. May go with such an option or with nbconvert.
    """
    from nbconvert.filters import pandoc

    filters: Any = pandoc
    usual = filters.pandoc

    def ask(source: str, fmt: str, to: str, extra_args: object = None) -> str:
        made = _running.convert(source, fmt, to) if extra_args is None else None
        return str(usual(source, fmt, to, extra_args)) if made is None else made

    filters.pandoc = ask
    try:
        yield
    finally:
        filters.pandoc = usual


class PandocProcess:
    """A running pandoc; it starts with the first text, and not again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._is_able = True

    def convert(self, text: str, source: str, target: str) -> str | None:
        """Convert a text between formats of pandoc's, without trailing newlines.

        None where this pandoc has no Lua or cannot do it: then it is to be asked in
        the usual way, which also says what is wrong.
        """
        if not self._is_able:
            return None
        asked = json.dumps({"text": text, "from": source, "to": target})
        try:
            process = self._process = self._process or _start()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(asked + "\n")
            process.stdin.flush()
            made = json.loads(process.stdout.readline()).get("made")
        except (OSError, ValueError):
            self.close()
            self._is_able = False
            return None
        return None if made is None else str(made).rstrip("\n")

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.communicate()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["pandoc", "lua", "-e", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


_running = PandocProcess()
