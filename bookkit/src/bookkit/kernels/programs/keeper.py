"""The process between us and a program: `python -I -S keeper.py ALIVE COMMAND ...`.

ALIVE is a pipe that its owner holds open. When that ends, or the program does, all that
the program has started is ended, and then the keeper ends as the program did. Standard
library only, and little of it: it starts in a few milliseconds.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

_CLEAN_UP_S = 1.5
_NOT_FOUND = 127
#: What a terminal, a shell or `make` sends to all: the owner decides what follows.
_SHARED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> NoReturn:
    """Run the program and end as it did."""
    # Beside this folder, which is no package for a Python without `site`
    sys.path.insert(0, str(Path(__file__).parents[1] / "prefork"))
    lifetime: Any = importlib.import_module("server.lifetime")
    alive, command = int(arguments[0]), arguments[1:]
    os.set_inheritable(alive, False)
    not_ours = _given(alive)
    children: Any = importlib.import_module("server.children")
    alarm = children.ChildAlarm()
    lifetime.adopt_orphans()
    default = [one for one in _SHARED if signal.getsignal(one) is not signal.SIG_IGN]
    for number in _SHARED:
        signal.signal(number, signal.SIG_IGN)
    keeper = os.getpid()
    if "JPY_PARENT_PID" in os.environ:  # ipykernel ends when this is not its parent
        os.environ["JPY_PARENT_PID"] = str(keeper)
    program = lifetime.fork()
    if program == 0:
        alarm.remove()
        for number in default:
            signal.signal(number, signal.SIG_DFL)
        lifetime.die_with_parent(keeper)
        _become(command)
    _let_go(not_ours)
    # The pipe can be read when the owner has ended
    status = children.watch(program, alarm, {alive: lambda: False})
    ended = lifetime.wait_for_children(_CLEAN_UP_S, program, kill=True)
    status = ended if status is None else status
    _end_as(-signal.SIGKILL if status is None else os.waitstatus_to_exitcode(status))


def _given(alive: int) -> list[int]:
    """List the descriptors that are there for the program."""
    found = []
    for fd in map(int, os.listdir("/dev/fd")):
        with contextlib.suppress(OSError):  # that of the list itself
            os.fstat(fd)
            found += [fd] if fd > 2 and fd != alive else []
    return found


def _become(command: list[str]) -> NoReturn:
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(_NOT_FOUND)


def _let_go(not_ours: list[int]) -> None:
    """Close what is the program's: who reads it must not have to wait for us."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    for fd in not_ours:
        os.close(fd)


def _end_as(code: int) -> NoReturn:
    """End with the same exit code, or by the same signal."""
    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(sys.argv[1:])
