"""Formulas in a sentence, by the rule of pandoc, which d2lbook's books follow.

No space after the opening `$`, none before the closing one, no digit behind it: so
`25$^\\circ$C` is a formula, and `$5 or $10` is money.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.dollarmath.index import math_inline_dollar

_SINGLE = math_inline_dollar(allow_space=False, allow_digits=True, allow_double=False)
_DOUBLE = math_inline_dollar(allow_space=True, allow_digits=True, allow_double=True)


def plugin(parser: MarkdownIt) -> None:
    parser.inline.ruler.at("math_inline", _rule)


def _rule(state: StateInline, silent: bool) -> bool:
    at = state.pos
    if state.src[at] != "$":
        return False
    if state.src.startswith("$$", at):
        found = _DOUBLE(state, silent)
    else:
        found = _SINGLE(state, True)
        if found and state.src[state.pos : state.pos + 1].isdigit():
            state.pos = at
            return False
        if found and not silent:
            state.pos = at
            _SINGLE(state, False)
    if found and not silent:
        state.tokens[-1].meta.update(at=at, end=state.pos)
    return found
