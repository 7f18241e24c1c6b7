"""What was found in each section, so that an edit has only its own examined.

Remembered are rules that look at one section and nothing else but the configuration.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import astuple
from pathlib import PurePosixPath
from typing import Any

from bookkit.book.config import CONFIG_NAME, Config
from bookkit.book.findings import Finding
from bookkit.book.source import Section
from bookkit.files import digest, own_hash, write_whole

NAME = "known-sections.json"


class Memory:
    """What the last checks of a book found; without a book it is empty."""

    def __init__(self, config: Config | None = None) -> None:
        self._now: dict[str, list[Finding]] = {}
        self._known: dict[str, list[Finding]] = {}
        self._path = config and config.output / NAME
        if config and self._path:
            installed = config.build_environment / "bookkit.json"
            self._rules = digest([config.root / CONFIG_NAME, installed], [own_hash()])
            with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
                kept = json.loads(self._path.read_text(encoding="utf-8"))
                self._known = {
                    name: [_finding(*row) for row in rows]
                    for name, rows in kept.items()
                }

    def recall(
        self, rule: str, section: Section, examine: Callable[[], Iterable[Finding]]
    ) -> list[Finding]:
        """Return what a rule finds in a section, asking it only where it must be."""
        if not self._path:
            return list(examine())
        words = "\0".join([self._rules, rule, str(section.path), section.text])
        name = hashlib.sha256(words.encode()).hexdigest()
        found = self._known.get(name)
        self._now[name] = list(examine()) if found is None else found
        return list(self._now[name])

    def save(self) -> None:
        """Keep what was found now; without that, the next check takes longer."""
        if self._path and self._now != self._known:
            rows = {name: list(map(astuple, self._now[name])) for name in self._now}
            text = json.dumps(rows, ensure_ascii=False, indent=0, default=str)
            with contextlib.suppress(OSError):
                write_whole(self._path, text)


def _finding(code: str, path: str, *rest: Any) -> Finding:
    return Finding(code, PurePosixPath(path), *rest)
