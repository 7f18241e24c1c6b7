"""Text into the words it is found by; `static/tokens.js` does the same to a question.

Texts written without spaces are found by single characters and pairs. A name in code
is found whole and by every run of its parts: `nn.MyReLU` by `nn.myrelu`, `nn`,
`myrelu`, `my`, `relu` and so on; a number is found whole. What counts as a letter is
written out here rather than left to a version of Unicode, because browsers have
others than we do; the script gets the same ranges from `character_classes`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import add

#: Scripts without spaces between words: Han, kana.
_WIDE = (
    (0x3005, 0x3007),
    (0x3040, 0x30FA),
    (0x30FC, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
#: Letters, digits and marks of all others, without their punctuation.
_NARROW = (
    (0x30, 0x39),
    (0x41, 0x5A),
    (0x5F, 0x5F),
    (0x61, 0x7A),
    (0xC0, 0xD6),
    (0xD8, 0xF6),
    (0xF8, 0x37D),
    (0x37F, 0x386),
    (0x388, 0x559),
    (0x560, 0x588),
    (0x591, 0x60B),
    (0x610, 0x61A),
    (0x620, 0x669),
    (0x66E, 0x6D3),
    (0x6D5, 0x6FF),
    (0x70F, 0x963),
    (0x966, 0x1FFF),
    (0x2102, 0x2188),
    (0x2C00, 0x2DFF),
    (0xA000, 0xD7FF),
    (0xFB00, 0xFDFF),
    (0xFE70, 0xFEFC),
    (0x10000, 0x1CFFF),
    (0x1D400, 0x1D7FF),
    (0x1E000, 0x1EFFF),
)
#: What names are made of, set as wide as Han characters: `.`, digits, letters, `_`.
_FULL_WIDTH = (
    (0xFF0E, 0xFF0E),
    (0xFF10, 0xFF19),
    (0xFF21, 0xFF3A),
    (0xFF3F, 0xFF3F),
    (0xFF41, 0xFF5A),
)
_FULL_WIDTH_STEP = 0xFEE0
#: A name of more parts is none, but a key or a picture; the script has this, too.
_MOST_PARTS = 12


def _class_of(ranges: tuple[tuple[int, int], ...]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


_RUN = re.compile(
    f"[{_class_of(_WIDE)}]+|[{_class_of(_NARROW)}]+(?:\\.[{_class_of(_NARROW)}]+)*"
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_IS_WIDE = re.compile(f"[{_class_of(_WIDE)}]")
_HALVED = {
    code: code - _FULL_WIDTH_STEP
    for first, last in _FULL_WIDTH
    for code in range(first, last + 1)
}
# Only where one character becomes one: positions in a text stay what they are.
_FOLDED = {
    code: chr(code).lower()
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x590))
    if len(chr(code).lower()) == 1
}


def character_classes() -> dict[str, str]:
    """Return what `static/tokens.js` puts between the brackets of its patterns."""

    def written(ranges: tuple[tuple[int, int], ...]) -> str:
        return "".join(f"\\u{{{first:X}}}-\\u{{{last:X}}}" for first, last in ranges)

    return {
        "wide": written(_WIDE),
        "narrow": written(_NARROW),
        "full": written(_FULL_WIDTH),
    }


def halved(text: str) -> str:
    """Return `text` with what names are made of in the usual width."""
    return text.translate(_HALVED)


def folded(text: str) -> str:
    """Return `text` in lower case, and exactly as long."""
    return text.translate(_FOLDED)


def tokens(text: str) -> list[str]:
    """Return the words of a text in its order, e.g. `层和` as `层`, `和`, `层和`."""
    found: list[str] = []
    for run in _RUN.findall(halved(text)):
        if _IS_WIDE.match(run):
            found += run
            found += map(add, run, run[1:])
        else:
            found += _of_name(run)
    return found


@lru_cache(maxsize=1 << 16)
def _of_name(chain: str) -> tuple[str, ...]:
    """Return the words of a name such as `nn.try_all`, each once."""
    if _NUMBER.fullmatch(chain):
        return (chain,)
    found = [chain]
    for name in chain.split("."):
        found.append(name)
        for word in filter(None, name.split("_")):
            found += _runs_of_parts(word)
    return tuple(dict.fromkeys(folded(one) for one in found if one.strip("_.")))


def _runs_of_parts(word: str) -> list[str]:
    cuts = [0, *(at for at in range(1, len(word)) if _begins(word, at)), len(word)]
    count = len(cuts) - 1
    longest = count if count <= _MOST_PARTS else 1
    runs = [
        word[cuts[first] : cuts[last]]
        for first in range(count)
        for last in range(first + 1, min(first + longest, count) + 1)
    ]
    return [word, *runs]


def _begins(word: str, at: int) -> bool:
    """Tell whether a part begins inside a word: `My|Net`, `HTTP|Server`."""
    before, here, after = word[at - 1], word[at], word[at + 1 : at + 2]
    return _is_upper(here) and (
        "a" <= before <= "z" or (_is_upper(before) and "a" <= after <= "z")
    )


def _is_upper(character: str) -> bool:
    return "A" <= character <= "Z"
