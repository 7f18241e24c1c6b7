"""Formulas in a sentence, by the rule of pandoc, which d2lbook's books follow.

No space after the opening `$`, none before the closing one, no digit behind it: so
`25$^\\circ$C` is a formula, and `$5 or $10` is money. `\\text{…}` may have `$` in it.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

_SPACES = r"[^\S\n]+(?!\$)|\n(?![^\S\n]*\$)"
_FORMULA = re.compile(
    rf"""\$\$(?P<double>(?:(?!\$\$).)+)\$\$
    | \$(?!\s)(?P<single>(?:\\text\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}}
                        | \\. | [^\\$\s] | {_SPACES})++)\$(?!\d)""",
    re.VERBOSE | re.DOTALL,
)


def plugin(parser: MarkdownIt) -> None:
    parser.inline.ruler.at("math_inline", _rule)


def _rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    found = _FORMULA.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        is_double = found["double"] is not None
        kind = "math_inline_double" if is_double else "math_inline"
        token = state.push(kind, "math", 0)
        token.content = found["double"] if is_double else found["single"]
        token.markup = "$$" if is_double else "$"
        token.meta.update(at=state.pos, end=found.end())
    state.pos = found.end()
    return True
