"""Programs that we start, such that nothing of them is left however we or they end.

Each has a keeper (`keeper`): its parent and subreaper, which ends it with all that it
started once the owner is gone, and which says how it ended. Kernels that are forked
have one of their own (`kernels.prefork`). Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_KEEPER = Path(__file__).with_name("keeper.py")
_END_S = 2.0


@contextlib.contextmanager
def kept_command(command: Sequence[str]) -> Iterator[tuple[list[str], int, int]]:
    """Give what starts a command with its keeper, and both ends of a pipe.

    The first end must be passed on, and is closed here; while the second is open, and
    the process that holds it lives, the program may run.
    """
    reader, writer = os.pipe()
    try:
        words = [sys.executable, "-I", "-S", str(_KEEPER), str(reader), *command]
        yield words, reader, writer
    except BaseException:
        os.close(writer)
        raise
    finally:
        os.close(reader)


class Program:
    """A program with its keeper, in a process group of their own.

    What it says goes to a file, or where `stdout` says: nobody waits for the end of a
    stream that a process which was left over holds open.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        stdin: int | IO[Any] = subprocess.DEVNULL,
        aloud: bool = False,
        errors: bool = True,
        pass_fds: Sequence[int] = (),
    ) -> None:
        """Start it; `aloud` lets it write where we do, `errors` counts as what it says.

        Raises:
            OSError: there is no such program, or none can be started.
        """
        if shutil.which(command[0]) is None:
            raise FileNotFoundError(2, "no such program", command[0])
        self._said = None if aloud else tempfile.TemporaryFile()  # noqa: SIM115
        self._text, self._lock = "", threading.Lock()
        kept = subprocess.STDOUT if errors else subprocess.DEVNULL
        with kept_command(command) as (words, reader, writer):
            self._process = subprocess.Popen(
                words,
                cwd=cwd,
                env=env,
                stdin=stdin,
                stdout=self._said,
                stderr=None if aloud else kept,
                pass_fds=(reader, *pass_fds),
                process_group=0,
            )
            self._alive: int | None = writer

    @property
    def stdin(self) -> IO[bytes] | None:
        """Return the pipe to it, where one was asked for."""
        return self._process.stdin

    def poll(self) -> int | None:
        """Return how it ended, None while it runs; as `subprocess` has it."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, with all that it started.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        code = self._process.wait(timeout)
        self._close()
        return code

    def said(self) -> str:
        """Return what it wrote, once it has ended."""
        return self._text

    def stop(self) -> None:
        """End it with all that it started, and wait for that."""
        self.end()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._end_group()
            self._process.wait()
        self._close()

    def end(self) -> None:
        """Have the keeper end all of it; another thread may be waiting for that."""
        with self._lock:
            if self._alive is not None:
                os.close(self._alive)
                self._alive = None

    def _close(self) -> None:
        """After its end: what a keeper that was killed could not end, ends here."""
        if self._alive is not None or self._said is not None:
            self._end_group()
        self.end()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # nobody reads it any more
                self._process.stdin.close()
        if self._said is not None:
            with self._said as file:
                file.seek(0)
                self._text = file.read().decode(errors="replace")
            self._said = None

    def _end_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def run(
    command: Sequence[str],
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    aloud: bool = False,
    errors: bool = True,
) -> tuple[int, str]:
    """Run a program; return its exit code and what it wrote.

    Raises:
        OSError: there is no such program.
    """
    program = Program(command, cwd=cwd, env=env, aloud=aloud, errors=errors)
    try:
        code = program.wait()
    finally:
        program.stop()
    return code, program.said()
