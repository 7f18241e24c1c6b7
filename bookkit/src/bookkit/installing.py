"""Run the steps that fill environments, several at a time, and show progress.

Knows pip and the terminal; knows nothing of books. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bookkit.errors import EnvironmentFailure, explain

#: Downloads overlap with unpacking; more than this at once only thrash a disk.
AT_ONCE = 5
PLAIN_EVERY_S = 20.0
NO_DEPS_MARK = "# install: --no-deps"

#: The first would mix other packages in; with the second nothing stays compiled.
_NOT_INHERITED = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
_VENV = [sys.executable, "-m", "venv"]
_QUIET = ["--disable-pip-version-check", "--no-input"]

_CAUSES = (
    (r"No space left on device|Errno 28", "the disk is full", "free some space"),
    (
        r"Temporary failure in name resolution|Failed to establish a new connection"
        r"|Network is unreachable|ConnectTimeoutError|Read timed out"
        r"|Connection refused|ProxyError|Name or service not known",
        "no network: the package index cannot be reached",
        "check the connection (or pip's index settings)",
    ),
    (
        r"No matching distribution found|Could not find a version",
        "a version in the lock is not to be had for this machine",
        "check pip's index settings, or `make lock`",
    ),
)


@dataclass
class Installation:
    """One environment to fill.

    `reset` clears the folder (False: nothing left to do), `finish` marks it
    complete; both are called while the environment's lock is held.
    """

    name: str
    folder: Path
    lock: Path
    installer: Path
    editable: Path | None
    imports: tuple[str, ...]
    reset: Callable[[], bool]
    finish: Callable[[], None]
    status: str = "waiting"
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def log(self) -> Path:
        """Return the file that pip's words go to."""
        return self.folder.with_name(f"{self.folder.name}.log")

    def commands(self) -> list[tuple[str, list[str]]]:
        """List the steps: what to show, what to run."""
        python = str(self.folder / "bin" / "python")
        pip = [str(self.installer), "-m", "pip", "--python", python]
        # Compiling every module of a framework costs more than unpacking it; the
        # last step compiles those that are ever imported.
        install = [*pip, *_QUIET, "install", "--progress-bar", "off", "--no-compile"]
        closed = NO_DEPS_MARK in self.lock.read_text(encoding="utf-8").splitlines()
        no_deps = ["--no-deps"] if closed else []
        steps = [
            ("creating", [*_VENV, "--without-pip", str(self.folder)]),
            ("installing", [*install, *no_deps, "-r", str(self.lock)]),
        ]
        if self.editable:
            own = ["--no-deps", "--no-build-isolation", "-e", str(self.editable)]
            steps.append(("linking", [*install, *own]))
        # Compiles what will be imported, and finds out now if it cannot be.
        steps.append(("importing", [python, "-c", f"import {', '.join(self.imports)}"]))
        return steps


def ensure_installer(folder: Path) -> Path:
    """Return the Python of an environment that holds pip and nothing else.

    One pip serves all environments: unpacking it anew in each takes longer than
    any of them needs for its own small packages.

    Raises:
        EnvironmentFailure: this Python cannot make virtual environments.
    """
    python = folder / "bin" / "python"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(f"{folder.name}.lock"), "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ready = folder / "complete"
        if ready.exists() and ready.read_text() == str(folder.resolve()):
            return python
        command = [*_VENV, "--clear", str(folder)]
        done = subprocess.run(
            command, capture_output=True, text=True, pass_fds=(held.fileno(),)
        )
        if done.returncode:
            last = (done.stdout + done.stderr).strip()[-500:]
            raise EnvironmentFailure(
                explain(
                    sys.executable,
                    f"it cannot make a virtual environment\n    {last}",
                    "a Python with venv and ensurepip",
                    "install them (Debian: apt-get install python3-venv), "
                    "or make PYTHON=/path/to/another/python3.11",
                )
            )
        ready.write_text(str(folder.resolve()))
    return python


def install_all(installations: list[Installation]) -> None:
    """Fill all of them; a failure of one does not stop the others.

    Raises:
        EnvironmentFailure: at least one failed; the message names each.
    """
    running: set[subprocess.Popen[bytes]] = set()
    stopped = threading.Event()
    progress = threading.Thread(
        target=_show, args=(installations, stopped), daemon=True
    )
    progress.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            futures = [pool.submit(_install, one, running) for one in installations]
            try:
                failures = [text for future in futures if (text := future.result())]
            except KeyboardInterrupt:
                for process in list(running):
                    _end(process)
                pool.shutdown(cancel_futures=True)
                raise
    finally:
        stopped.set()
        progress.join()
    if failures:
        raise EnvironmentFailure("\n".join(failures))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End pip with the second one that it starts, which may miss an interruption."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


def _install(one: Installation, running: set[subprocess.Popen[bytes]]) -> str | None:
    """Fill one environment; return the message of a failure."""
    one.folder.parent.mkdir(parents=True, exist_ok=True)
    with open(one.folder.with_name(f"{one.folder.name}.lock"), "w") as held:
        # pip inherits the lock: should this process be killed, the next one
        # waits until the orphaned pip is through instead of deleting under it.
        one.status = "waiting for another build"
        fcntl.flock(held, fcntl.LOCK_EX)
        one.began = time.monotonic()
        if not one.reset():
            one.status = "done"
            return None
        with open(one.log, "wb") as log:
            for status, command in one.commands():
                one.status = status
                if _run(command, log, held, running):
                    one.status = "failed"
                    return _failure(one)
        one.finish()
    one.seconds = time.monotonic() - one.began
    one.status = "done"
    return None


def _run(
    command: list[str],
    log: IO[bytes],
    held: IO[str],
    running: set[subprocess.Popen[bytes]],
) -> int:
    environment = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=environment,
        pass_fds=(held.fileno(),),
        process_group=0,
    )
    running.add(process)
    try:
        return process.wait()
    finally:
        running.discard(process)


def _failure(one: Installation) -> str:
    text = one.log.read_text(encoding="utf-8", errors="replace")
    errors = [row for row in text.splitlines() if row.lower().startswith("error")]
    last = "\n    ".join((errors or text.splitlines())[-3:])
    known = [why for pattern, *why in _CAUSES if re.search(pattern, text)]
    cause, remedy = (known or [["pip failed", "read the log"]])[0]
    return explain(
        f"environment {one.name}",
        f"{cause}\n    {last}",
        f"every line of {one.lock} installed; pip's log: {one.log}",
        f"{remedy}, then the same command again (finished environments are kept)",
    )


def _show(installations: list[Installation], stopped: threading.Event) -> None:
    """Print progress: one moving line on a terminal, plain lines elsewhere."""
    lively, began, printed = sys.stdout.isatty(), time.monotonic(), 0.0
    reported: set[str] = set()
    while True:
        finished = stopped.wait(0.3)
        for one in installations:
            if one.status in ("done", "failed") and one.name not in reported:
                reported.add(one.name)
                clear = "\r\033[K" if lively else ""
                print(f"{clear}  {one.name}: {one.status}, {one.seconds:.0f} s")
        if finished:
            return
        now = time.monotonic() - began
        busy = [f"{i.name} {i.status}" for i in installations if i.name not in reported]
        line = f"  {len(reported)}/{len(installations)}, {now:.0f} s: {', '.join(busy)}"
        if lively:
            width = os.get_terminal_size().columns - 1
            print(f"\r\033[K{line[:width]}", end="", flush=True)
        elif busy and now - printed >= PLAIN_EVERY_S:
            printed = now
            print(line, flush=True)
