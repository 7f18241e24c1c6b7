"""One kept result as text: written with proofs of what it is, read with doubt."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookkit.run.cache.judge import judge
from bookkit.run.cache.parts import Parts
from bookkit.run.cache.sealed import seal, unseal
from bookkit.run.results import Result, Status

#: Counts changes of the entry around the result.
FORMAT = 4
#: The limit that each kind of failure ran into, by its name in `Entry.limits`.
_REACHED = {
    Status.TIMED_OUT: ("cell_s", "notebook_s"),
    Status.FLOODED: ("output_kb", "picture_kb"),
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

    def is_outdated(self, limits: Mapping[str, float]) -> bool:
        """Tell whether it failed at limits that today's go beyond."""
        reached = _REACHED.get(self.result.status, ())
        return any(limits.get(name, 0) > self.limits.get(name, 0) for name in reached)

    def to_text(self) -> str:
        """Word the entry."""
        parts, result = dataclasses.asdict(self.parts), self.result.to_json()
        fields = {**vars(self), "parts": parts, "result": result}
        return json.dumps(seal(fields, FORMAT))


def read_entry(text: str | bytes, key: str) -> Entry:
    """Read the entry of `key`; its result counts as cached.

    Raises:
        ValueError: it is damaged, altered, of another key or of another format.
    """
    entry = unseal(text, FORMAT, _read)
    if entry.parts.key != key:
        raise ValueError("it belongs to another key")
    return entry


def _read(fields: dict[str, Any]) -> Entry:
    parts = Parts.from_json(fields["parts"])
    result = dataclasses.replace(Result.from_json(fields["result"]), cached=True)
    judge(result, len(parts.cells))
    limits = {str(name): float(one) for name, one in fields["limits"].items()}
    return Entry(parts, result, limits, str(fields["made"]), str(fields["origin"]))
