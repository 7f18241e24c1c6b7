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
| `definition` | `[label]: address`, for whoever asks `tokens_of` |
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_block, amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from bookkit.book.markdown import (
    formulas,
    placing,
    shaping,
    slides,
    targets,
    wide,
    words,
)
from bookkit.book.remembered import TEXTS

#: What opens a cell of code.
_INPUT = re.compile(r"\{[^}]*\.input[^}]*\}\s*")


def make_parser(renderer: Any = None) -> MarkdownIt:
    """Return a parser of the book's Markdown; `renderer` is a class for it."""
    options = {"renderer_cls": renderer} if renderer else {}
    parser = MarkdownIt("commonmark", **options).enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    parser.use(dollarmath_plugin, allow_labels=False, allow_space=False)
    parser.use(amsmath_plugin)
    # It may not end a paragraph, in whose `$$` such an environment may begin a line
    parser.block.ruler.at("amsmath", amsmath_block, {"alt": []})
    parser.use(slides.plugin).use(placing.plugin).use(targets.plugin)
    parser.use(formulas.plugin).use(wide.plugin).use(words.plugin).use(shaping.plugin)
    return parser


@functools.cache
def _parser() -> MarkdownIt:
    parser = make_parser()
    parser.options.update(inline_definitions=True, store_labels=True)
    return parser


@functools.lru_cache(maxsize=TEXTS)
def tokens_of(text: str) -> list[Token]:
    """Return the blocks of a text, in whose `children` their inline parts are.

    Whoever asks for the same text gets the same tokens: nobody may change them.
    """
    return _parser().parse(text)


def tokens_of_part(text: str, whole: Iterable[Token]) -> list[Token]:
    """Return the blocks of a part of a text, whose links the whole may define."""
    references = {
        token.meta["id"]: {"href": token.meta["url"], "title": token.meta["title"]}
        for token in reversed([one for one in whole if one.type == "definition"])
    }
    if not references:
        return tokens_of(text)
    return _parser().parse(text, {"references": references})


def title_of(inline: Token) -> str:
    """Return the text of a heading as Markdown, without its marks."""
    return " ".join(inline.content[: inline.meta.get("end")].split())


def is_cell(token: Token) -> bool:
    """Tell whether a token is a cell of code, and not an example in the text.

    One that encloses nothing is none for d2lbook, either.
    """
    is_fence = token.type == "fence" and token.level == 0 and token.markup[0] == "`"
    is_input = is_fence and _INPUT.fullmatch(token.info.strip()) is not None
    return is_input and bool(token.content.removesuffix("\n"))
