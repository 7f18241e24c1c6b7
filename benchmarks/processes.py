"""Run a command as a measurement: its seconds, its memory, and no failure unseen."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Of a failed command, this many last lines are shown.
LAST_LINES = 40
SAMPLE_S = 0.05
#: No command takes this long; one that hangs must not hang the benchmark.
LIMIT_S = 600.0


@dataclass(frozen=True)
class Done:
    """What one command took; memory is 0 where it was not watched."""

    seconds: float
    peak_mb: float = 0.0
    largest_child_mb: float = 0.0


def run(
    command: Sequence[str | Path],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    watch: bool = False,
) -> Done:
    """Run a command to its end; one that fails ends the benchmark."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        memory = _Memory(process.pid)
        if watch:
            memory.start()
        try:
            code = process.wait(timeout=LIMIT_S)
            seconds = time.perf_counter() - began
        except subprocess.TimeoutExpired:
            code, seconds = -1, LIMIT_S
        finally:
            memory.over.set()
            if process.poll() is None:
                process.terminate()
                process.wait()
        if code:
            output.seek(0)
            _stop(command, code, output.read().decode(errors="replace"))
    if watch:
        memory.join()
    return Done(seconds, memory.own_kb / 1024, memory.child_kb / 1024)


def _stop(command: Sequence[str | Path], code: int, output: str) -> None:
    words = " ".join(map(str, command))
    last = "\n".join(f"  {row}" for row in output.splitlines()[-LAST_LINES:])
    sys.exit(f"error: `{words}` ended with {code}; nothing was kept\n{last}")


class _Memory(threading.Thread):
    """Follow the peak resident memory of a process and of each one it started."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.over = threading.Event()
        self.own_kb = 0
        self.child_kb = 0

    def run(self) -> None:
        """Sample until told that it is over; the kernel keeps each peak."""
        turn = 0
        while not self.over.wait(SAMPLE_S):
            self.own_kb = max(self.own_kb, _peak_kb(self._pid))
            turn += 1
            if turn % 10 == 1:
                for child in _below(self._pid):
                    self.child_kb = max(self.child_kb, _peak_kb(child))


def _peak_kb(pid: int) -> int:
    try:
        rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(row.split()[1]) for row in rows if row.startswith("VmHWM")), 0)


def _below(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(after_name[1]), []).append(int(stat.parent.name))
    found, todo = [], [pid]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found
