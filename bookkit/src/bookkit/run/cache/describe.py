"""What is kept, told to a person: how much, how old, and how often it helped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from rich.filesize import decimal

from bookkit.book.config import Config
from bookkit.errors import UsageError
from bookkit.run.cache import upkeep
from bookkit.run.cache.counters import read_counters
from bookkit.run.cache.folder import FOLDER_NAME
from bookkit.run.cache.shared import Shared
from bookkit.run.cache.upkeep import Stored


def describe(config: Config) -> list[str]:
    """Word the state of the book's own store, and of the shared one if it answers."""
    folder = config.output / FOLDER_NAME
    lines = [f"{folder}: {_text_of(upkeep.files_of(folder), 'last used')}"]
    counted = read_counters(folder)
    found = counted["local"] + counted["shared"]
    asked = found + counted["missed"]
    rate = f"{found / asked:.0%}" if asked else "none yet"
    lines.append(
        f"hit rate: {rate}; {counted['runs']} runs asked for {asked} results and found "
        f"{counted['local']} here, {counted['shared']} in a shared store"
    )
    if config.store.url:
        shared = Shared(config.store, config.root)
        entries = shared.entries()
        if entries is not None:
            lines.append(f"shared store {shared.name}: {_text_of(entries, 'written')}")
    return lines


def prune(config: Config, max_size: str | None, max_age: str | None) -> str:
    """Remove what is too much or too old from the book's own store; word it.

    Raises:
        UsageError: a size or an age cannot be read.
    """
    from dask.utils import parse_bytes, parse_timedelta

    def age_s(text: str) -> float:
        return float(parse_timedelta(text, default=False))

    size = _parsed(parse_bytes, max_size, "size such as 500MB or 2GB")
    age = _parsed(age_s, max_age, "age such as 30d or 12h")
    removed = upkeep.prune(config.output / FOLDER_NAME, size, age)
    return f"removed: {_text_of(removed, 'last used')}"


def _parsed(parse: Callable[[str], float], text: str | None, expected: str) -> float:
    try:
        return parse(text) if text else float("inf")
    except (ValueError, KeyError):
        raise UsageError(f"{text!r} is no {expected}") from None


def _text_of(entries: Sequence[Stored], word: str) -> str:
    noun = "entry" if len(entries) == 1 else "entries"
    text = f"{len(entries)} {noun}, {decimal(sum(entry.size for entry in entries))}"
    if not entries:
        return text
    used = [entry.used for entry in entries]
    return f"{text}, {word} {_age_of(min(used))} to {_age_of(max(used))}"


def _age_of(used: float) -> str:
    """Word an age in its largest whole unit, for example `3 d ago`."""
    age_s = time.time() - used
    for unit, seconds in (("d", 86400), ("h", 3600), ("m", 60)):
        if age_s >= seconds:
            return f"{age_s // seconds:.0f} {unit} ago"
    return "just now"
