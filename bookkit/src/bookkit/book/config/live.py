"""What readers may use who run cells in pages, as `config.ini` says it.

Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass

from bookkit.book.config.ini import Ini


@dataclass(frozen=True)
class LiveSettings:
    """Limits of kernels, in all and for each reader; of one kernel, and of one cell."""

    kernels: int
    kernels_per_reader: int
    memory_mb: float
    idle_s: float
    output_kb: int


def read_live(ini: Ini) -> LiveSettings:
    """Read the keys that begin with `live`.

    Raises:
        ConfigError: a value is no number above 0.
    """
    return LiveSettings(
        kernels=int(ini.positive("live_kernels")),
        kernels_per_reader=int(ini.positive("live_kernels_per_reader")),
        memory_mb=ini.positive("live_memory_mb"),
        idle_s=ini.positive("live_idle_s"),
        output_kb=int(ini.positive("live_output_kb")),
    )
