"""Another user of this machine, which only root can become; where processes listen."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 65534
only_root = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0,
    reason="only root can become another user",
)


def as_nobody(code: str, *words: str, imports: str = "sys") -> str:
    """Run Python as another user; return what it prints.

    `imports` come before: that user may be unable to read our packages, or Python's.
    """
    become = f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import encodings.idna, os, {imports}\n{become}\n{code}",
            *words,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def listening(pid: int) -> set[tuple[str, int]]:
    """Return where a process listens by TCP: address as the system has it, and port."""
    there = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            there.add(os.readlink(fd))
    return {
        (address, int(port, 16))
        for name in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        for address, port in [row.split()[1].split(":")]
        if row.split()[3] == "0A" and f"socket:[{row.split()[9]}]" in there
    }
