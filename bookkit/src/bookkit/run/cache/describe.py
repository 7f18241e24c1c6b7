"""What is kept, told to a person: how much, how old, and how often it helped."""

from __future__ import annotations

from bookkit.book.config import Config
from bookkit.errors import UsageError
from bookkit.run.cache.ledger import read_counters
from bookkit.run.cache.shared import Shared
from bookkit.run.cache.upkeep import (
    Usage,
    age_text,
    parse_age,
    parse_size,
    size_text,
    usage,
    usage_of,
)
from bookkit.run.cache.upkeep import prune as prune_folder

STORE = "cache"


def describe(config: Config) -> list[str]:
    """Word the state of the book's own store, and of the shared one if it answers."""
    folder = config.output / STORE
    lines = [f"{folder}: {_usage_text(usage(folder), 'last used')}"]
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
            words = _usage_text(usage_of(entries), "written")
            lines.append(f"shared store {shared.name}: {words}")
    return lines


def prune(config: Config, max_size: str | None, max_age: str | None) -> str:
    """Remove what is too much or too old from the book's own store; word it.

    Raises:
        UsageError: a size or an age cannot be read.
    """
    try:
        size = parse_size(max_size) if max_size else None
        age_s = parse_age(max_age) if max_age else None
    except ValueError as error:
        raise UsageError(str(error)) from None
    removed = prune_folder(config.output / STORE, size, age_s)
    return f"removed: {_usage_text(removed, 'last used')}"


def _usage_text(used: Usage, word: str) -> str:
    noun = "entry" if used.entries == 1 else "entries"
    text = f"{used.entries} {noun}, {size_text(used.size)}"
    if used.oldest_s is None or used.newest_s is None:
        return text
    return f"{text}, {word} {age_text(used.oldest_s)} to {age_text(used.newest_s)}"
