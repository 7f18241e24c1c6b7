"""Files of the book that code names: programs and C++ open some that Python never sees.

A word of a cell that is the path of a file, whole or from the section's folder or the
book's, counts as a use of that file: one too many costs a run, one too few shows an old
result.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from bookkit.book.config import CONFIG_NAME, Config
from bookkit.book.inputs import is_of_the_book
from bookkit.book.source import Section

_WORDS = re.compile(r"[^\s'\"`()\[\]{}<>|;,=]+")

_PROGRAMS = re.compile(r"(?m)^\s*[!%]|=\s*[!%]|subprocess|os\.system|\bpopen\(")


def named_files(config: Config, section: Section, sources: Iterable[str]) -> list[str]:
    """Return the files of the book that cells of a section name, in order."""
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
    library = (tab.library for tab in config.all_tabs if tab.library)
    others = {CONFIG_NAME, *(os.path.relpath(path, config.root) for path in library)}
    return sorted(name for name in found - others if _is_file(config, name))


def _is_file(config: Config, name: str) -> bool:
    return os.path.isfile(config.root / name) and is_of_the_book(config, name)
