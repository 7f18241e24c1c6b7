"""How notebooks are to be run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """How to run; `slots` 0 means one a core and one more.

    `store` is a folder of the book's output.
    `keep_servers` leaves imported frameworks for the next run of this process.
    """

    slots: int = 0
    again: bool = False
    prefork: bool = True
    use_cache: bool = True
    store: str = "cache"
    keep_servers: bool = False
