"""What a result depends on, part by part, and the key made of it.

The parts hold hashes and names and no sources, so that they can be kept beside
a result and tell later which of them changed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bookkit.run.results import FORMAT

#: In place of the hash of a declared file that cannot be read.
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Parts:
    """All that can change an output; prose, other tabs, times and paths cannot.

    `cells` are hashes of the code cells in order, `saved` maps the saved names
    a notebook can reach to theirs, `data` maps declared files to theirs, `files` those
    of the book that its last run was seen to read. `packages` maps what is installed in
    the tab's environment to versions. `settings` are those of the book that let cells
    do more than the strictest ones would.
    """

    tab: str
    cells: tuple[str, ...]
    saved: Mapping[str, str]
    packages: Mapping[str, str]
    python: str
    device: str = "cpu"
    data: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @cached_property
    def key(self) -> str:
        """Return the name of the result that all these parts lead to."""
        saved = list(self.saved.items())  # their order may matter
        return hash_json({**self.given(), "saved": saved})

    def given(self) -> dict[str, Any]:
        """Return the parts by name; of those that few notebooks have, what there is."""
        content = dataclasses.asdict(self)
        for name in ("settings", "files"):
            if not content[name]:
                del content[name]
        return content

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Parts:
        """Read parts from the JSON of a dictionary of their fields."""
        return cls(**{**content, "cells": tuple(content["cells"])})


def hash_text(text: str) -> str:
    """Hash a text whatever the ends of its lines are."""
    plain = text.replace("\r\n", "\n").encode(errors="surrogatepass")
    return hashlib.sha256(plain).hexdigest()


def hash_json(content: Any) -> str:
    """Hash what JSON can hold, whatever the order of its keys is."""
    return hash_text(json.dumps(content, sort_keys=True, separators=(",", ":")))


def hash_files(root: Path, names: Iterable[str]) -> dict[str, str]:
    """Hash files below a folder by their bytes; one that is not there has a word."""
    hashes = {}
    for name in sorted(set(names)):
        try:
            if not (root / name).is_file():  # a pipe or a device has no end
                raise FileNotFoundError(name)
            with open(root / name, "rb") as file:
                hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            hashes[name] = UNREADABLE
    return hashes
