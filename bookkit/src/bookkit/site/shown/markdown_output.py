"""Markdown that a cell gives, as HTML: what Jupyter shows, and nothing of the book's.

d2lbook's words, directives and roles are text in it: what a cell gives has no power
over the builder.
"""

from __future__ import annotations

import functools
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from bookkit.book.formulas import FormulaError, mathml


def html_of(text: str) -> str:
    """Return the HTML of a Markdown output."""
    return str(_parser().render(text))


@functools.cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(
        dollarmath_plugin, allow_labels=False, double_inline=True, renderer=_formula
    )
    parser.use(amsmath_plugin, renderer=lambda text: _formula(text))
    return parser


def _formula(source: str, options: dict[str, Any] | None = None) -> str:
    as_block = (options or {"display_mode": True})["display_mode"]
    try:
        return mathml(source.strip(), block=as_block)
    except FormulaError:
        return f"<code>{escape(source)}</code>"
