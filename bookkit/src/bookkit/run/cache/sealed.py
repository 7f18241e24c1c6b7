"""JSON with its format and a checksum: it is read as it was written, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bookkit.run.cache.parts import hash_json

T = TypeVar("T")


def seal(content: Mapping[str, Any], format: int) -> dict[str, Any]:
    """Add the format and the checksum."""
    whole = {"format": format, **content}
    return {**whole, "sha256": hash_json(whole)}


def unseal(text: str | bytes, format: int, read: Callable[[Any], T]) -> T:
    """Return what `read` makes of the content that was sealed.

    Raises:
        ValueError: it is damaged, altered, of another format or of another version.
    """
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(content, dict):
        raise ValueError("it is no result")
    if content.get("format") != format:
        raise ValueError(f"its format is {content.get('format')}, not {format}")
    if content.pop("sha256", None) != hash_json(content):
        raise ValueError("it was altered since it was written")
    try:
        return read(content)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
