"""Drawings for viewers of notebooks that show no SVG: a PNG that was painted of each.

It lies beside the SVG and is committed with it, since painting needs a browser and
fonts. It says of which SVG it was made, in a text chunk of the format.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

#: The keyword of the text chunk.
SOURCE = "Source-SHA256"


def painted(drawing: Path) -> Path:
    """Return where the PNG of an SVG lies."""
    return drawing.with_suffix(".png")


def source_digest(drawing: Path) -> str:
    """Return what a PNG of an SVG says of its source; line ends make no difference."""
    content = drawing.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def is_current(drawing: Path) -> bool:
    """Tell whether an SVG has a PNG that was made of it as it is now."""
    path = painted(drawing)
    wanted = f"tEXt{SOURCE}\0{source_digest(drawing)}".encode()
    return os.path.isfile(path) and wanted in path.read_bytes()


def shown_anywhere(picture: Path) -> Path:
    """Return the picture that every viewer of notebooks shows: itself, or its PNG."""
    if picture.suffix == ".svg" and os.path.isfile(picture) and is_current(picture):
        return painted(picture)
    return picture
