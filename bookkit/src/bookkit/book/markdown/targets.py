"""Addresses that no reader of addresses refuses: those of links and pictures.

An author may write a bracket where only a number of IPv6 has one, and quote a zero
byte, which is in no name of a file. Python's readers of addresses and of paths refuse
both.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from markdown_it import MarkdownIt

_ZERO, _ITS_SIGN = "%00", "%E2%90%80"


def plugin(parser: MarkdownIt) -> None:
    """Let tokens have such addresses."""
    usual = parser.normalizeLink
    vars(parser)["normalizeLink"] = lambda address: _sound(usual(address))


def _sound(address: str) -> str:
    address = address.replace(_ZERO, _ITS_SIGN)
    try:
        urlsplit(address)
    except ValueError:
        return address.replace("[", "%5B").replace("]", "%5D")
    return address
