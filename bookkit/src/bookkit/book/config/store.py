"""Where results are shared, as `config.ini` says it. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bookkit.errors import ConfigError, explain


@dataclass(frozen=True)
class StoreSettings:
    """An fsspec URL with its options; empty where results are not shared."""

    url: str = ""
    write: bool = False
    timeout_s: float = 5.0
    options: Mapping[str, Any] = field(default_factory=dict)


def read_store(values: Mapping[str, str], place: Callable[[str], str]) -> StoreSettings:
    """Read the keys that begin with `store`; `place` words where a key stands.

    Raises:
        ConfigError: a value is of the wrong kind.
    """

    def reject(key: str, expected: str) -> ConfigError:
        return ConfigError(explain(place(key), f"{key} = {values[key]!r}", expected))

    write = values["store_write"].lower()
    if write not in ("true", "false"):
        raise reject("store_write", "true or false")
    try:
        timeout_s = float(values["store_timeout_s"])
    except ValueError:
        timeout_s = 0
    if not 0 < timeout_s < float("inf"):
        raise reject("store_timeout_s", "a number above 0")
    try:
        options = json.loads(values["store_options"] or "{}")
    except ValueError:
        options = None
    if not isinstance(options, dict):
        raise reject("store_options", 'a JSON object such as {"anon": true}')
    return StoreSettings(values["store"].strip(), write == "true", timeout_s, options)
