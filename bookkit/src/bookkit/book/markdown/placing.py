"""Where links, pictures, code and notes stand in their sentence.

`meta["at"]` and `meta["end"]` are offsets in the content of the inline token; those
of a link have `meta["label_end"]`, too: where the `]` of its text stands.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_inline import (
    StateInline,
    autolink,
    backtick,
    html_inline,
    image,
    link,
)
from mdit_py_plugins.footnote.index import footnote_ref

Rule = Callable[[StateInline, bool], bool]
_RULES: dict[str, Rule] = {
    "backticks": backtick,
    "link": link,
    "image": image,
    "autolink": autolink,
    "html_inline": html_inline,
    "footnote_ref": functools.partial(footnote_ref, always_match=True),
}


def plugin(parser: MarkdownIt) -> None:
    for name, rule in _RULES.items():
        parser.inline.ruler.at(name, functools.partial(_place, rule))


def _place(rule: Rule, state: StateInline, silent: bool) -> bool:
    at, made = state.pos, len(state.tokens) + bool(state.pending)
    label_end = -1
    if rule is link and not silent and state.src[at] == "[":
        label_end = state.md.helpers.parseLinkLabel(state, at, True)
    found = rule(state, silent)
    if found and len(state.tokens) > made:
        state.tokens[made].meta.update(at=at, end=state.pos)
        if label_end >= 0:
            state.tokens[made].meta["label_end"] = label_end
    return found
