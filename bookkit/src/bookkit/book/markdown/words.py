"""d2lbook's words: `:label:`, `:numref:`, `:begin_tab:` and the others, as tokens."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

#: What says something of the heading, the picture, the table or the formula before it.
MARKS = ("label", "eqlabel", "width", "height", "bibliography")
#: What stands in a sentence.
ROLES = ("numref", "ref", "eqref", "cite", "citet", "citep", "class", "func", "mod")

_VALUE = r"[ \t]*`([^`\n]+)`"
_LINE = re.compile(rf"(?::(?:{'|'.join(MARKS)}):{_VALUE}[ \t]*)+")
_MARK = re.compile(rf":({'|'.join(MARKS)}):{_VALUE}")
_ROLE = re.compile(rf":({'|'.join(ROLES)}):`([^`]+)`")
_TAB = re.compile(r":(begin|end)_tab:(?:`([^`\n]*)`)?[ \t]*")
_ENDS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def plugin(parser: MarkdownIt) -> None:
    parser.block.ruler.before("table", "tab", _tab_rule, _ENDS)
    parser.block.ruler.before("table", "mark", _mark_rule, _ENDS)
    parser.inline.ruler.before("escape", "role", _role_rule)


def _line(state: StateBlock, number: int) -> str:
    start = state.bMarks[number] + state.tShift[number]
    return state.src[start : state.eMarks[number]]


def _tab_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    match = _TAB.fullmatch(_line(state, start))
    if match is None or state.is_code_block(start):
        return False
    if not silent:
        token = state.push(f"tab_{match[1]}", "", 0)
        token.map = [start, start + 1]
        token.meta["tabs"] = [tab.strip() for tab in (match[2] or "").split(",")]
        state.line = start + 1
    return True


def _mark_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    if not line.startswith(":") or state.is_code_block(start):
        return False
    if _LINE.fullmatch(line) is None:
        return False
    if not silent:
        for name, value in _MARK.findall(line):
            token = state.push("mark", "", 0)
            token.map = [start, start + 1]
            token.meta.update(name=name, value=value.strip())
        state.line = start + 1
    return True


def _role_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":":
        return False
    role = _ROLE.match(state.src, state.pos)
    found = role or _MARK.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("role" if role else "mark", "", 0)
        token.meta.update(name=found[1], at=state.pos, end=found.end())
        token.content = token.meta["value"] = found[2].strip()
    state.pos = found.end()
    return True
