"""Code with as few marks as its colours need."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.cells.code_colours import CodeColours, colours_of

_CODE = re.compile(r"(<pre\b[^>]*>)(.*?)(</pre>)", re.DOTALL)
# A mark, and what is in it: text, and links to where a name is defined.
_MARK = re.compile(r'<span class="(\w+)">((?:[^<]|<a\b[^>]*>[^<]*</a>)*)</span>')
# Two of the same kind, with nothing or space between them.
_SAME = re.compile(r"</(c-\w+)>(\s*)<\1>")
_COLOURS = "bookkit_code_colours"


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", _find_colours)
    complete_each_page(app, _slim)


def _find_colours(app: Sphinx) -> None:
    if app.builder.format == "html":
        vars(app)[_COLOURS] = colours_of(app)


def _slim(app: Sphinx, pagename: str, context: Context) -> None:
    if "body" in context:
        context["body"] = with_few_marks(context["body"], vars(app)[_COLOURS])


def with_few_marks(body: str, colours: CodeColours) -> str:
    """Return the same page to the eye, with half the marks in its code."""
    return _CODE.sub(
        lambda code: f"{code[1]}{_with_few_marks(code[2], colours)}{code[3]}", body
    )


def _with_few_marks(code: str, colours: CodeColours) -> str:
    def shorter(mark: re.Match[str]) -> str:
        element = colours.elements.get(mark[1])
        if element is None:
            return mark[0]
        return f"<{element}>{mark[2]}</{element}>" if element else mark[2]

    def joined(marks: re.Match[str]) -> str:
        is_one = not marks[2] or marks[1] not in colours.on_gaps
        return marks[2] if is_one else marks[0]

    return _SAME.sub(joined, _MARK.sub(shorter, code))
