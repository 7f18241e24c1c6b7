"""What an owner asks for: one kernel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One kernel to fork, as it would have been spawned."""

    command: list[str]  # the whole command line, for `sys.orig_argv`
    arguments: list[str]  # what follows `ipykernel_launcher` in it
    env: dict[str, str]  # complete, as for a spawned process
    cwd: str
