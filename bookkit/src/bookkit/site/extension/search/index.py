"""The index, one script: every text once, and which words occur in which places.

A script, because a page that was opened as a file may not fetch. What is in it:

- `tabs`: names and titles;
- `pages`: for each its address, then its places, one after the other: anchor, heading
  and blocks, which alternate a number (its kind, and a bit for each tab) with a text;
  the first heading is the page's title;
- `words`: all words, and after `=` names that code defines, sorted as scripts sort,
  each as the length of what it shares with the word before it, and the rest;
- `where`: for each word the places that have it, as the differences of their numbers.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bookkit.site.extension.search.blocks import CODE, Block, Place
from bookkit.site.extension.search.tokens import folded, tokens

#: A page's address and places.
Page = tuple[str, Sequence[Place]]

_DIGITS = string.digits + string.ascii_letters
_LAST, _MORE = _DIGITS[:31], _DIGITS[31:]
_MOST_SHARED = len(_DIGITS) - 1
_KIND_BITS = 2
_DEFINES = "="
_DEFINITION = re.compile(r"^[ \t]*(?:async )?(?:def|class) (\w+)", re.MULTILINE)


def script_of(pages: Iterable[Page], tabs: Mapping[str, str]) -> str:
    """Return the index of `pages` as a script; `tabs` are the titles by name."""
    numbers = {tab: position for position, tab in enumerate(tabs)}
    listed: list[Any] = []
    postings: dict[str, list[int]] = {}
    count = 0
    for address, places in pages:
        packed: list[Any] = [address]
        for anchor, heading, blocks in places:
            for word in _words_of(heading, blocks):
                postings.setdefault(word, []).append(count)
            count += 1
            packed += [anchor, heading, _packed(blocks, numbers)]
        listed.append(packed)
    words = sorted(postings, key=lambda word: word.encode("utf-16-be", "surrogatepass"))
    content = {
        "tabs": list(tabs.items()),
        "pages": listed,
        "words": _shortened(words),
        "where": " ".join(_differences(postings[word]) for word in words),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # As a string, which browsers read faster than the same as a program.
    return f"bookkitSearch.load({_literal(text)});\n"


def _words_of(heading: str, blocks: Sequence[Block]) -> set[str]:
    found = set(tokens(heading))
    for _, kind, text in blocks:
        found.update(tokens(text))
        if kind == CODE:
            names = _DEFINITION.findall(text)
            found.update(_DEFINES + folded(name) for name in names)
    return found


def _packed(blocks: Sequence[Block], numbers: Mapping[str, int]) -> list[Any]:
    packed: list[Any] = []
    for tabs, kind, text in blocks:
        bits = sum(1 << numbers[tab] for tab in tabs if tab in numbers)
        packed += [kind | bits << _KIND_BITS, text]
    return packed


def _shortened(words: Sequence[str]) -> str:
    before, parts = "", []
    for word in words:
        shared = 0
        most = min(len(before), len(word), _MOST_SHARED)
        # Astral characters count twice in a script: none of them is split or shared.
        while shared < most and before[shared] == word[shared] < "\U00010000":
            shared += 1
        parts.append(_DIGITS[shared] + word[shared:])
        before = word
    return " ".join(parts)


def _differences(places: Sequence[int]) -> str:
    before, written = -1, []
    for place in places:
        written.append(_number(place - before - 1))
        before = place
    return "".join(written)


def _number(value: int) -> str:
    """Write a number in base 31, its last digit from another alphabet."""
    digits = _LAST[value % len(_LAST)]
    value //= len(_LAST)
    while value:
        digits = _MORE[value % len(_MORE)] + digits
        value //= len(_MORE)
    return digits


def _literal(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    # Lone surrogates have no UTF-8; JSON's own escapes for them do.
    whole = quoted.encode("utf-8", "replace").decode("utf-8")
    return f"'{whole}'"
