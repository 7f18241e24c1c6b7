"""Files of the book that code names: programs and C++ open some that Python never sees.

A word of a cell that is the path of a file, whole or from the section's folder or the
book's, counts as a use of that file: one too many costs a run, one too few shows an old
result.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from bookkit.book.config import CONFIG_NAME, Config
from bookkit.book.inputs import dependency_files, is_below, is_inside
from bookkit.book.source import Section

_WORDS = re.compile(r"[^\s'\"`()\[\]{}<>|;,=]+")

_PROGRAMS = re.compile(r"(?m)^\s*[!%]|=\s*[!%]|subprocess|os\.system|\bpopen\(")


def named_files(config: Config, section: Section, sources: Iterable[str]) -> list[str]:
    """Return the files that cells of a section name, and `dependencies`, in order."""
    words = {
        word
        for source in sources
        for word in _WORDS.findall(source)
        # Python tells what it opens itself, and where it only writes
        if not os.path.isabs(word) or _PROGRAMS.search(source)
    }
    folders = {str(config.root / section.path.parent), str(config.root)}
    found = {
        os.path.relpath(os.path.join(folder, word), config.root)
        for word in words
        for folder in folders
        if "/" in word or "." in word[1:]
    }
    made = [
        os.path.relpath(path, config.root)
        for path in (config.output, config.environments)
    ]
    library = [tab.library for tab in config.all_tabs if tab.library]
    made += [os.path.relpath(path, config.root) for path in library]
    found = {name for name in found if _is_file(config.root, name)}
    kept = {name for name in found if not is_below(name, made) and name != CONFIG_NAME}
    return sorted(kept | set(dependency_files(config)))


def _is_file(root: Path, name: str) -> bool:
    try:
        return is_inside(root, name) and (root / name).is_file()
    except (OSError, ValueError):  # too long for a name, or with a zero byte
        return False
