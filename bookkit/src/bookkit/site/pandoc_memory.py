"""Remember what pandoc made of a section's cells, and start it once for the others.

nbconvert starts pandoc once per cell and tab, two thousand times for a chapter,
and three of four cells are ones that it converted before.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbconvert.filters import pandoc as filters_module

from bookkit.files import write_whole
from bookkit.site.pandoc_process import PandocProcess

Convert = Callable[..., str]
filters: Any = filters_module
_running = PandocProcess()
#: A cell that is one block of code without attributes, as d2lbook's tab bars are.
_FENCE = re.compile(r"\A\s*```(\w+)\n((?:(?!```|\t).*\n)+)```\s*\Z")


@contextlib.contextmanager
def remembering(path: Path) -> Iterator[None]:
    """Let nbconvert ask a file first; afterwards it holds what was needed now.

    A file that cannot be read or written costs time and nothing else.
    """
    try:
        known = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        known = {}
    used: dict[str, str] = {}
    pandoc: Convert = filters.pandoc

    def ask(source: str, fmt: str, to: str, extra_args: object = None) -> str:
        if (fmt, to, extra_args) == ("markdown", "rst", None):
            plain = fence_as_rst(source)
            if plain is not None:
                return plain
        content = json.dumps([source, fmt, to, extra_args])
        key = hashlib.sha256(content.encode()).hexdigest()
        if key not in used:
            kept = known.get(key)
            if not isinstance(kept, str) and extra_args is None:
                kept = _running.convert(source, fmt, to)
            if not isinstance(kept, str):
                kept = pandoc(source, fmt, to, extra_args=extra_args)
            used[key] = kept
        return used[key]

    filters.pandoc = ask
    try:
        yield
    finally:
        filters.pandoc = pandoc
    with contextlib.suppress(OSError):
        if used != known:
            write_whole(path, json.dumps(used, ensure_ascii=False))


def fence_as_rst(source: str) -> str | None:
    """Return what pandoc makes of a lone block of code; None: ask pandoc."""
    fence = _FENCE.match(source)
    if not fence:
        return None
    body = fence[2].strip("\n")
    if not body or body != fence[2].removesuffix("\n"):
        return None
    return f".. code:: {fence[1]}\n\n{textwrap.indent(body, '   ')}"
