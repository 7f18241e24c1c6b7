"""How notebooks are to be run."""

from __future__ import annotations

from dataclasses import dataclass

from bookkit.book.config import Config


@dataclass(frozen=True)
class Options:
    """How to run; `slots` 0 means one a core and one more.

    `keep_servers` leaves imported frameworks for the next run of this process.
    """

    slots: int = 0
    again: bool = False
    prefork: bool = True
    keep_servers: bool = False


@dataclass(frozen=True)
class Limits:
    """What one notebook may take; seconds and kB of output per cell."""

    cell_s: float
    notebook_s: float
    output_kb: int
    picture_kb: int

    @classmethod
    def of(cls, config: Config) -> Limits:
        """Return the limits that a book sets."""
        return cls(
            config.cell_timeout_s,
            config.notebook_timeout_s,
            config.cell_output_limit_kb,
            config.cell_picture_limit_kb,
        )
