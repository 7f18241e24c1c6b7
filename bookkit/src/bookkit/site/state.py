"""A record of what each page was made from, by content.

Sphinx does not notice that a build was interrupted, that the choice
of tabs changed, that a tool was upgraded or that the clock was set back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bookkit.files import digest, write_whole

_TOOLS = ("d2lbook", "markdown-it-py", "myst-parser", "Sphinx", "furo")


def stamp_of(tabs: Sequence[str], files: Iterable[Path]) -> str:
    """Hash everything beyond the sections themselves that every page depends on."""
    content = {
        "tabs": list(tabs),
        "tools": {tool: version(tool) for tool in _TOOLS},
        "files": digest(files),
        "site": digest(
            path
            for path in sorted(Path(__file__).parent.rglob("*.*"))
            if path.suffix != ".pyc"
        ),
    }
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@dataclass
class Made:
    """What is on disk: by section, the digest of what it was made from.

    `html` is empty while Sphinx runs and after it failed: what it left then is
    not to be built upon.
    """

    path: Path
    stamp: str
    html: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, stamp: str) -> Made:
        """Read the record; one that was left by anything else is empty."""
        made = cls(path, stamp)
        try:
            found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if found["stamp"] == stamp:
                made.html = _texts(found["html"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            made.html = {}
        return made

    def save(self) -> None:
        """Write the record whole or not at all."""
        content = {"stamp": self.stamp, "html": self.html}
        write_whole(self.path, json.dumps(content, indent=1))


def _texts(found: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in dict(found).items()}
