"""Formulas in LaTeX: as MathML, and where a text has them.

MathJax decides what a formula may say, because d2lbook and Jupyter show formulas with
it. math-core converts, after `latex` has written things its way.
"""

from __future__ import annotations

import re
from functools import cache

import math_core

from bookkit.book.latex import MACROS, prepared
from bookkit.book.markdown import tokens_of
from bookkit.book.places import parts_of

#: Commands, groups, indices: twice what long formulas have. math-core recurses for
#: each, and ends the process where the stack does.
MOST_MARKS = 500

_SIZES = dict(
    zip(
        "Tiny tiny scriptsize small large Large LARGE huge Huge".split(),
        (50, 60, 70, 85, 120, 144, 173, 207, 249),
        strict=True,
    )
)
_MARKS = re.compile(r"[\\{^_]")
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# One that doubles its argument and calls itself would fill the memory.
_DEFINITION = re.compile(
    r"(?<!\\)(?:\\\\)*(\\(?:g?def|global|let|(?:re)?newcommand|providecommand)(?![a-zA-Z]))"
)
_PREAMBLE = re.compile(rf"\s*\\({'|'.join(_SIZES)})(?![a-zA-Z])")

_STYLED = re.compile(r'(<\w[^<>]*?) style="([^"]*)"')
_CLASSES = {
    "border-left: 0.05em dashed currentcolor": "bk-dashes-left",
    "border-left: 0.05em solid currentcolor": "bk-line-left",
    "border-right: 0.05em dashed currentcolor": "bk-dashes-right",
    "border-right: 0.05em solid currentcolor": "bk-line-right",
    "border-top: 0.05em dashed currentcolor": "bk-dashes-top",
    "border-top: 0.05em solid currentcolor": "bk-line-top",
    "font-variant-caps: small-caps": "bk-small-caps",
    "margin-left:-0.16666667em": "bk-back-3",
    "margin-left:-0.22222222em": "bk-back-4",
    "margin-left:-0.2777778em": "bk-back-5",
    "padding-left: 0": "bk-flush-left",
    "padding-left: 0.1em": "",
    "padding-left:0": "",
    "padding-left:0.1667em": "bk-left-3",
    "padding-left:0.2222em": "bk-left-4",
    "padding-left:0.2778em": "bk-left-5",
    "padding-left:1em": "bk-apart",
    "padding-right: 0": "bk-flush-right",
    "padding-right: 0.1em": "",
    "padding-right:0": "",
    "padding-right:0.1667em": "bk-right-3",
    "padding-right:0.2222em": "bk-right-4",
    "padding-right:0.2778em": "bk-right-5",
    "padding-top: 0": "bk-close",
    "padding-top: 0.1667em": "",
    "padding-bottom: 0": "",
    "text-align: left": "bk-to-start",
    "text-align: right": "bk-to-end",
    "width: 100%": "bk-wide",
    "width: 50%": "bk-beside",
    "width: 7.5%": "bk-edge",
    "justify-items: start": "",
    "justify-items: end": "",
}
_ATTRIBUTES = {"color": "mathcolor", "font-size": "mathsize"}
_DOTS = re.compile(
    r"(?:<mo(?: lspace=\"0\")?(?: rspace=\"0(?:.1667em)?\")?>\.</mo>){3}"
)
_PLAIN_SPAN = re.compile(r'<span class="math-core-serif-font">(.*?)</span>')
# Which of two script alphabets is meant; few fonts have both.
_ALPHABETS = dict.fromkeys((0xFE00, 0xFE01))
_PLACE = re.compile(r"^(?:\w+:)?\d+: ")
_COMMAND = re.compile(r'"(\\[^"]+)"')


class FormulaError(ValueError):
    """A formula that cannot be shown; `line` counts from 0 in the formula."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def mathml(source: str, *, block: bool) -> str:
    """Convert LaTeX into one `<math>` without styles.

    Raises:
        FormulaError: MathJax does not show it either, or uses what we do not have.
    """
    if len(_MARKS.findall(source)) > MOST_MARKS:
        raise FormulaError(f"more than {MOST_MARKS} commands and groups")
    if unprintable := _NO_XML.search(source):
        raise FormulaError(f"the character U+{ord(unprintable[0]):04X}")
    if definition := _DEFINITION.search(source):
        raise FormulaError(f'"{definition[1]}" defines a command')
    size = _PREAMBLE.match(source)
    latex = prepared(source[size.end() :] if size else source, block)
    try:
        made = _converter().convert_with_local_state(latex, displaystyle=block)
    except math_core.LatexError as error:
        raise _worded(source, str(error)) from None
    if size:
        bare, _, inner = made.removesuffix("</math>").partition(">")
        sized = f'<mstyle mathsize="{_SIZES[size[1]]}%">{inner}</mstyle>'
        made = f"{bare}>{sized}</math>"
    made = _DOTS.sub("<mi>…</mi>", _STYLED.sub(_without_style, made))
    made = _PLAIN_SPAN.sub(r"\1", made).replace("&ApplyFunction;", "\u2061")
    return made.translate(_ALPHABETS)


def formulas_in(text: str) -> list[tuple[int, str, bool]]:
    """Return the formulas of Markdown: first line, LaTeX, whether it stands alone."""
    tokens = tokens_of(text)
    found = [
        (token.map[0] + 1, token.content, True)
        for token in tokens
        if token.type in ("math_block", "amsmath") and token.map
    ]
    found += [
        (part.line, part.token.content, part.token.type != "math_inline")
        for part in parts_of(text, tokens)
        if part.token.type in ("math_inline", "math_inline_double")
    ]
    return sorted(found, key=lambda one: one[0])


@cache
def _converter() -> math_core.LatexToMathML:
    return math_core.LatexToMathML(
        macros=MACROS,
        fancy_error=False,
        allow_unreliable_rendering=True,
        max_expansions=MOST_MARKS,
    )


def _worded(source: str, message: str) -> FormulaError:
    text = _PLACE.sub("", message).rstrip(".")
    command = _COMMAND.search(text)
    at = source.find(command[1]) if command else -1
    return FormulaError(
        f"{text[:1].lower()}{text[1:]}", source.count("\n", 0, max(at, 0))
    )


def _without_style(tag: re.Match[str]) -> str:
    """Say a style by classes and attributes: the pages' policy has no styles."""
    classes, attributes = [], ""
    for declaration in filter(None, map(str.strip, tag[2].split(";"))):
        name, _, value = declaration.partition(":")
        if name in _ATTRIBUTES:
            attributes += f' {_ATTRIBUTES[name]}="{value}"'
        elif declaration in _CLASSES:
            classes.append(_CLASSES[declaration])
        elif name == "margin-left":
            raise FormulaError(f"a space of {value}: the only negative one is `\\!`")
        elif name != "width":  # which is an attribute as well
            raise FormulaError(
                f"`{declaration}` needs a style, which pages do not have"
            )
    if any(classes):
        attributes += f' class="{" ".join(filter(None, classes))}"'
    return tag[1] + attributes
