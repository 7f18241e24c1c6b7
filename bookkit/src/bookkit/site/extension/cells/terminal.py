"""Printed text as a terminal would show it, without its colours and commands."""

from __future__ import annotations

import re

# CSI and OSC sequences, e.g. colours, cursor movements and links; other escapes.
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def as_shown(text: str) -> str:
    """Return a text as it is seen; control characters that stay become signs."""
    text = _ESCAPE.sub("", text).replace("\r\n", "\n")
    if "\r" in text or "\b" in text:
        text = "\n".join(map(_overwritten, text.split("\n")))
    return _CONTROL.sub(lambda one: chr(0x2400 + ord(one[0]) % 0x5E), text)


def _overwritten(line: str) -> str:
    shown: list[str] = []
    at = 0
    for sign in line:
        if sign == "\r":
            at = 0
        elif sign == "\b":
            at = max(at - 1, 0)
        else:
            shown[at : at + 1] = [sign]
            at += 1
    return "".join(shown)
