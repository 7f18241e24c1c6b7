"""How a command is asked to end: SIGTERM and a closed terminal are as Ctrl-C.

Standard library only.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1


def as_interrupted() -> None:
    """Have SIGTERM and SIGHUP do what SIGINT does, unless they are ignored.

    A shell's background job ignores SIGINT, and `nohup` SIGHUP: that stays.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def with_make() -> None:
    """Where our Makefile asks for it, end when `make` is killed (Linux only)."""
    if os.environ.pop("BOOKKIT_OF_MAKE", "") and sys.platform.startswith("linux"):
        import ctypes

        prctl = ctypes.CDLL(None, use_errno=True).prctl
        prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM), 0, 0, 0)


def signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask this process to end."""
    hung_up = signal.getsignal(signal.SIGHUP)
    more = () if hung_up is signal.SIG_IGN else (signal.SIGHUP,)
    return (signal.SIGINT, signal.SIGTERM, *more)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do what this process does at Ctrl-C, at this moment."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        raise KeyboardInterrupt
    handler(signal.SIGINT, frame)
