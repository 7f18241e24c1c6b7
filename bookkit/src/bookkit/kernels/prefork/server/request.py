"""What an owner asks for: one kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class BadRequestError(ValueError):
    """A request lacks a part, or a part has the wrong type."""


@dataclass(frozen=True)
class Request:
    """One kernel to fork, as it would have been spawned."""

    command: list[str]  # the whole command line, for `sys.orig_argv`
    arguments: list[str]  # what follows `ipykernel_launcher` in it
    env: dict[str, str]  # complete, as for a spawned process
    cwd: str


def parse_request(message: dict[str, Any]) -> Request:
    """Check a message and return its request.

    Raises:
        BadRequestError: a part is missing or has the wrong type.
    """
    for name in ("command", "arguments"):
        words = message.get(name)
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise BadRequestError(f"{name!r} is not a list of strings")
    env = message.get("env")
    if not isinstance(env, dict) or not all(isinstance(v, str) for v in env.values()):
        raise BadRequestError("'env' is not a mapping of strings")
    if not isinstance(message.get("cwd"), str):
        raise BadRequestError("'cwd' is not a string")
    return Request(message["command"], message["arguments"], env, message["cwd"])
