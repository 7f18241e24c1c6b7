"""The pictures of a section, found without reading its Markdown.

Whether anything has changed is asked before anything else, and must take no time.
Standard library only.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


def image_paths(section: PurePosixPath, text: str) -> list[PurePosixPath]:
    """Return the pictures of a section's text, relative to the book."""
    return [
        PurePosixPath(posixpath.normpath(section.parent / name))
        for name in _IMAGE.findall(text)
    ]


def dark_of(picture: PurePosixPath) -> PurePosixPath:
    """Return where the picture for dark pages lies, if there is one."""
    return picture.with_stem(f"{picture.stem}-dark")
