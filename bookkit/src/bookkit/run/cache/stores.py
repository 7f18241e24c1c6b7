"""The book's own store first, then a shared one; what each of them did."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bookkit.book.config import Config
from bookkit.run.cache.counters import add_counters
from bookkit.run.cache.entries import Entry, read_entry
from bookkit.run.cache.folder import FOLDER_NAME, Folder
from bookkit.run.cache.judge import require_small
from bookkit.run.cache.ledger import LEDGER_NAME, Ledger
from bookkit.run.cache.parts import Parts
from bookkit.run.options import Limits
from bookkit.run.results import Result, Status

if TYPE_CHECKING:
    from bookkit.run.cache.shared import Shared

log = logging.getLogger(__name__)

#: Other failures may be the fault of one machine: they are not passed on.
_PASSED_ON = frozenset({Status.PASSED, Status.RAISED})


def open_stores(config: Config) -> Stores:
    """Return the stores of a book."""
    limits = dataclasses.asdict(Limits.of(config))
    shared = None
    if config.store.url:  # its threads take 25 ms to import
        from bookkit.run.cache.shared import Shared

        shared = Shared(config.store, config.root)
    return Stores(Folder(config.output / FOLDER_NAME), shared, limits)


class Stores:
    """What is kept for a book, here and in a store that it may share."""

    def __init__(
        self,
        folder: Folder,
        shared: Shared | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        self.folder = folder
        self.shared = shared
        self.ledger = Ledger(folder.path / LEDGER_NAME)
        self._limits = dict(limits or {})
        self._counted: Counter[str] = Counter()

    def fetch(self, keys: Iterable[str], look_only: bool = False) -> dict[str, Entry]:
        """Return the entries there are; those of the shared store are copied.

        With `look_only` nothing is written, counted or marked as used.
        """
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Entry] = {}
        for key in wanted:
            entry = self.folder.get(key, touch=not look_only)
            if entry is not None and not entry.is_outdated(self._limits):
                found[key] = entry
        others: dict[str, Entry] = {}
        if self.shared is not None:
            missing = [key for key in wanted if key not in found]
            others = self._fetch_shared(self.shared, missing)
        if not look_only:
            for entry in others.values():
                self.folder.put(entry)
            self._counted["local"] += len(found)
            self._counted["shared"] += len(others)
            self._counted["missed"] += len(wanted) - len(found) - len(others)
        return found | others

    def _fetch_shared(self, shared: Shared, keys: list[str]) -> dict[str, Entry]:
        found = {}
        for key, content in shared.fetch(keys):
            try:
                entry = read_entry(content, key)
                require_small(entry.result, self._limits)
                if entry.result.status not in _PASSED_ON:
                    raise ValueError(f"{entry.result.status.value}: not passed on")
            except ValueError as error:
                log.warning("entry %s of %s ignored: %s", key, shared.name, error)
                continue
            if not entry.is_outdated(self._limits):
                found[key] = dataclasses.replace(entry, origin=shared.name)
        return found

    def keep(self, parts: Parts, result: Result) -> None:
        """Keep a new result and remember it as its notebook's last."""
        made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = Entry(parts, result, self._limits, made)
        self.folder.put(entry)
        if self.shared is not None and result.status in _PASSED_ON:
            self.shared.put(parts.key, entry.to_text())
        self.ledger.note(result.section, result.tab, parts)

    def close(self, wait: bool = True) -> None:
        """Finish uploads, and write down what this run found and made."""
        self.ledger.save()
        add_counters(self.folder.path, {**self._counted, "runs": 1})
        if self.shared is not None:
            self.shared.finish(wait)
