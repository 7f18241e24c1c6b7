"""Bold and italic beside full-width punctuation: `**注意：**正文` is bold.

CommonMark asks for a space between a closing `**` after punctuation and a letter, which
Chinese does not write. `meta["differs"]` tells whether a mark begins or ends there what
it would not by CommonMark, because Jupyter shows asterisks there.
Proposed to CommonMark in https://github.com/commonmark/commonmark-spec/issues/650; this
may go when markdown-it has it.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

#: Han, kana, and the punctuation that is set full width with them.
WIDE = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_WIDE = re.compile(f"[{WIDE}\u2018-\u201f\u2014\u2026]")


def plugin(parser: MarkdownIt) -> None:
    parser.inline.ruler.at("emphasis", _rule)


def _rule(state: StateInline, silent: bool) -> bool:
    at = state.pos
    marker = state.src[at]
    if silent or marker not in "_*":
        return False
    scanned = state.scanDelims(at, marker == "*")
    can_open, can_close = scanned.can_open, scanned.can_close
    if marker == "*":
        before = state.src[at - 1 : at] if at else ""
        after = state.src[at + scanned.length : at + scanned.length + 1]
        is_wide = _WIDE.match(before) or _WIDE.match(after)
        can_open = can_open or bool(is_wide and after.strip())
        can_close = can_close or bool(is_wide and before.strip())
    differs = can_open != scanned.can_open, can_close != scanned.can_close
    for number in range(scanned.length):
        token = state.push("text", "", 0)
        token.content = marker
        token.meta.update(at=at + number, end=at + number + 1, differs=differs)
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos += scanned.length
    return True
