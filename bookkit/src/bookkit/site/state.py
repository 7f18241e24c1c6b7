"""Remember what the intermediate files were made with.

d2lbook and Sphinx decide by file time and write in place, so neither notices that
a build was interrupted, that the selection of tabs changed, or that a tool was
upgraded. A stamp does: it is taken away before a step and put back after it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

_TOOLS = ("d2lbook", "nbconvert", "pypandoc_binary", "Sphinx", "furo")


def stamp_of(tabs: Sequence[str], config: Path) -> dict[str, object]:
    """Return everything outside the sources that the pages depend on."""
    return {
        "tabs": list(tabs),
        "tools": {tool: version(tool) for tool in _TOOLS},
        "config": _digest([config]),
        "site": _digest(sorted(Path(__file__).parent.rglob("*.*"))),
    }


@contextmanager
def completed(path: Path, stamp: dict[str, object]) -> Iterator[bool]:
    """Tell whether the step was last completed with this very stamp.

    The stamp is stored only when the block ends without an exception.
    """
    try:
        fresh = json.loads(path.read_text(encoding="utf-8")) == stamp
    except (OSError, ValueError):
        fresh = False
    path.unlink(missing_ok=True)
    yield fresh
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stamp), encoding="utf-8")


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
