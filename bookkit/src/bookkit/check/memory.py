"""Which sections are known to be clean, so that an edit has only its own examined.

Remembered are rules that look at one section and nothing else but the
configuration, and only that they found nothing: a finding is always found again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable

from bookkit.book.config import CONFIG_NAME, Config
from bookkit.book.findings import Finding
from bookkit.book.source import Section
from bookkit.files import digest, own_hash, write_whole

NAME = "clean-sections.json"


class Memory:
    """What the last checks of a book found clean; without a book it is empty."""

    def __init__(self, config: Config | None = None) -> None:
        self._clean: set[str] = set()
        self._known: set[str] = set()
        self._path = config and config.output / NAME
        if config and self._path:
            installed = config.build_environment / "bookkit.json"
            self._rules = digest([config.root / CONFIG_NAME, installed], [own_hash()])
            with contextlib.suppress(OSError, ValueError, TypeError):
                self._known = set(json.loads(self._path.read_text(encoding="utf-8")))

    def recall(
        self, rule: str, section: Section, examine: Callable[[], Iterable[Finding]]
    ) -> list[Finding]:
        """Return what a rule finds in a section, asking it only where it must be."""
        if not self._path:
            return list(examine())
        words = "\0".join([self._rules, rule, str(section.path), section.text])
        name = hashlib.sha256(words.encode()).hexdigest()
        findings = [] if name in self._known else list(examine())
        if not findings:
            self._clean.add(name)
        return findings

    def save(self) -> None:
        """Keep what is clean now; without that, the next check takes longer."""
        if self._path and self._clean != self._known:
            with contextlib.suppress(OSError):
                write_whole(self._path, json.dumps(sorted(self._clean), indent=0))
