"""One kept result as text: written with proofs of what it is, read with doubt."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookkit.run.cache.parts import Parts, hash_json
from bookkit.run.results import Result, Status

#: Counts changes of the entry around the result.
FORMAT = 3
#: The limit that each kind of failure ran into, by its name in `Entry.limits`.
_REACHED = {
    Status.TIMED_OUT: ("cell_s", "notebook_s"),
    Status.FLOODED: ("output_kb",),
}


@dataclass(frozen=True)
class Entry:
    """A result with what it depends on, when it was made, and under which limits.

    `made` is a time such as `2026-01-31T23:59:59Z`; `origin` the shared store
    that the entry was copied from, empty if the result was made here.
    """

    parts: Parts
    result: Result
    limits: Mapping[str, float] = field(default_factory=dict)
    made: str = ""
    origin: str = ""

    @property
    def key(self) -> str:
        """Return the name that the entry is kept under."""
        return self.parts.key

    def is_outdated(self, limits: Mapping[str, float]) -> bool:
        """Tell whether it failed at limits that today's go beyond."""
        reached = _REACHED.get(self.result.status, ())
        return any(limits.get(name, 0) > self.limits.get(name, 0) for name in reached)

    def to_text(self) -> str:
        """Word the entry."""
        result = self.result.to_json()
        content = {
            "format": FORMAT,
            "key": self.key,
            "sha256": hash_json(result),
            "made": self.made,
            "origin": self.origin,
            "limits": dict(self.limits),
            "parts": self.parts.to_json(),
            "result": result,
        }
        return json.dumps(content)


def read_entry(text: str | bytes, key: str) -> Entry:
    """Read an entry that is to be the one of `key`; its result counts as cached.

    Raises:
        ValueError: it is damaged, altered, of another key or of another format.
    """
    try:
        return _read(json.loads(text), key)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _read(content: Any, key: str) -> Entry:
    if not isinstance(content, dict):
        raise ValueError("it is no entry")
    if content.get("format") != FORMAT:
        raise ValueError(f"its format is {content.get('format')}, not {FORMAT}")
    parts = Parts.from_json(content["parts"])
    if not content["key"] == key == parts.key:
        raise ValueError("it belongs to another key")
    if content["sha256"] != hash_json(content["result"]):
        raise ValueError("it was altered since it was written")
    result = dataclasses.replace(Result.from_json(content["result"]), cached=True)
    limits = {name: float(limit) for name, limit in content["limits"].items()}
    return Entry(parts, result, limits, str(content["made"]), str(content["origin"]))
