"""The one grammar of the book's Markdown, on markdown-it.

It is CommonMark with tables, footnotes, formulas and d2lbook's words.

Whoever wants to know what a text says asks for its tokens, which know their lines; the
pages are made of the same tokens.

| token | is |
|---|---|
| `mark` | one of `words.MARKS`, e.g. `:label:`; `meta`: name, value |
| `tab_begin`, `tab_end` | `:begin_tab:` and `:end_tab:`; `meta`: tabs |
| `role` | inline: one of `words.ROLES`; `meta`: name; `content`: what it names |
| `figure` | an image that is a paragraph of its own; its image is in `children` |
"""

from __future__ import annotations

import functools
import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from bookkit.book.markdown import formulas, shaping, wide, words

#: What opens a cell of code.
_INPUT = re.compile(r"\{[^}]*\.input[^}]*\}\s*")


def make_parser(renderer: Any = None) -> MarkdownIt:
    """Return a parser of the book's Markdown; `renderer` is a class for it."""
    options = {"renderer_cls": renderer} if renderer else {}
    parser = MarkdownIt("commonmark", **options).enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False)
    parser.use(amsmath_plugin)
    parser.use(formulas.plugin).use(wide.plugin).use(words.plugin).use(shaping.plugin)
    return parser


@functools.cache
def _parser() -> MarkdownIt:
    return make_parser()


def tokens_of(text: str) -> list[Token]:
    """Return the blocks of a text, in whose `children` their inline parts are."""
    return _parser().parse(text)


def is_cell(token: Token) -> bool:
    """Tell whether a token is a cell of code, and not an example in the text."""
    is_fence = token.type == "fence" and token.level == 0 and token.markup[0] == "`"
    return is_fence and _INPUT.fullmatch(token.info.strip()) is not None
