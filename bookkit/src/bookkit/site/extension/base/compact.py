"""Style sheets and scripts without comments and indents."""

from __future__ import annotations

import re

# Whole lines, and empty ones.
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/[ \t]*)?\n", re.MULTILINE | re.DOTALL)


def compact(text: str) -> str:
    """Return a source without its comments and indents."""
    return _INDENT.sub("", _COMMENT.sub("", text))
