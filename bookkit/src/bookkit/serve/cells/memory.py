"""How much memory a kernel takes, with what its cells have started."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bookkit.run.memory import memory_mb


def taken_mb(pid: int) -> float:
    """Return the memory of a process and of all below it; 0 where nobody tells."""
    figures = (memory_mb(f"/proc/{one}/status", "VmRSS") for one in _family(pid))
    return sum(filter(None, figures))


def let_go_first(pid: int) -> None:
    """Have the system end this process before others when memory runs out."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000", encoding="ascii")


def _family(pid: int) -> Iterator[int]:
    yield pid
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in path.read_text(encoding="ascii").split():
                yield from _family(int(child))
