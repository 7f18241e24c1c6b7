"""Where results are shared, as `config.ini` says it. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookkit.book.config.ini import Ini


@dataclass(frozen=True)
class StoreSettings:
    """An fsspec URL with its options; empty where results are not shared."""

    url: str = ""
    write: bool = False
    timeout_s: float = 5.0
    options: Mapping[str, Any] = field(default_factory=dict)


def read_store(ini: Ini) -> StoreSettings:
    """Read the keys that begin with `store`.

    Raises:
        ConfigError: a value is of the wrong kind.
    """
    write = ini.get("bookkit", "store_write").lower()
    if write not in ("true", "false"):
        raise ini.wrong("bookkit", "store_write", "true or false")
    try:
        options = json.loads(ini.get("bookkit", "store_options") or "{}")
    except ValueError:
        options = None
    if not isinstance(options, dict):
        expected = 'a JSON object such as {"anon": true}'
        raise ini.wrong("bookkit", "store_options", expected)
    timeout_s = ini.positive("store_timeout_s")
    return StoreSettings(
        ini.get("bookkit", "store"), write == "true", timeout_s, options
    )
