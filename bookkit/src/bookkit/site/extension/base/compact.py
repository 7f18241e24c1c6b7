"""Style sheets and scripts without comments and indents, and rules for the dark."""

from __future__ import annotations

import re

# Whole lines, and empty ones.
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/[ \t]*)?\n", re.MULTILINE | re.DOTALL)


def compact(text: str) -> str:
    """Return a source without its comments and indents."""
    return _INDENT.sub("", _COMMENT.sub("", text))


def in_dark(rules: str) -> str:
    """Return rules of `body` for one that is dark by choice, or by its system."""
    chosen, system = (
        rules.replace("body", f"body{condition}", 1)
        for condition in ('[data-theme="dark"]', ':not([data-theme="light"])')
    )
    by_system = f"@media (prefers-color-scheme: dark) {{\n{system}}}"
    return f"@media not print {{\n{chosen}{by_system}\n}}"
