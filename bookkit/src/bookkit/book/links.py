"""The pictures of a section, found without reading its Markdown.

Whether anything has changed is asked before anything else, and must take no time.
Standard library only.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

#: The end of a picture's name, and what may stand before its name.
_END = re.compile(r"\.(?:avif|gif|jpe?g|pdf|png|svg|webp)\b", re.I)
_BEFORE = re.compile(r"[\s(<>\"'`=|\[\]]")
_LONGEST = 200
#: Bytes of a name of a file: a file system refuses to look for a longer one.
_LONGEST_NAME = 255


def image_paths(section: PurePosixPath, text: str) -> list[PurePosixPath]:
    """Return what may be pictures of a section's text, relative to the book.

    All of its pictures are among them, and names that are none.
    """
    names: dict[str, None] = {}
    for end in _END.finditer(text):
        begin = max(text.rfind("\n", 0, end.start()) + 1, end.start() - _LONGEST)
        said = text[begin : end.end()]
        starts = [one.end() for one in _BEFORE.finditer(said)]
        found = (unquote(said[at:]) for at in [0, *starts])
        names |= dict.fromkeys(one for one in found if _is_short(one))
    places = (one[1:] if one[0] == "/" else section.parent / one for one in names)
    return [PurePosixPath(posixpath.normpath(one)) for one in places]


def _is_short(name: str) -> bool:
    return all(len(part.encode()) <= _LONGEST_NAME for part in name.split("/"))


def dark_of(picture: PurePosixPath) -> PurePosixPath:
    """Return where the picture for dark pages lies, if there is one."""
    return picture.with_stem(f"{picture.stem}-dark")
