"""Small wrong changes of a text, each at one place: what the proof should notice.

A number of a cell or of prose, a sign, a flag, a name, a shape in a comment, the order
of two statements or words, a negation, two tabs exchanged. Headings, addresses,
directives and estimates stay as they are.
"""

from __future__ import annotations

import ast
import io
import random
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prose import numbers, prose_of
from shapes import told_in

from bookkit.book.source import Cell, Section

#: What makes a sentence say the opposite, and words that stand for each other's.
_NEGATED = (
    "不会 会|不能 能|不是 是|不用 要|没有 有|不必 必须|不影响 影响|不要 要"
    "|不再 还|不算 算"
)
_OPPOSITES = (
    "不同 相同|先 后|之前 之后|前面 后面|最大 最小|更多 更少|更大 更小|增大 减小"
    "|输入 输出|左边 右边|上面 下面|开头 结尾|外面 里面|训练 评估|读取 保存|第一 第二"
)
_TURNED = dict(pair.split() for pair in f"{_NEGATED}|{_OPPOSITES}".split("|"))
_NEGATIONS = set(_TURNED) & {pair.split()[0] for pair in _NEGATED.split("|")}
_TURNED |= {pair.split()[1]: pair.split()[0] for pair in _OPPOSITES.split("|")}
_WORD = re.compile("|".join(sorted(_TURNED, key=len, reverse=True)))
_SPAN = re.compile(r"`([^`\n]+)`")
_KEEP = re.compile(r"^(?:#+ .*|:\w+:.*|\*\*评分\*\*.*|<.*|\|.*|!\[.*|\[.*)$", re.M)
_SIGNS = {
    "+": "-",
    "-": "+",
    "*": "+",
    "/": "*",
    "<": ">=",
    ">": "<=",
    "==": "!=",
    "@": "*",
}
_SIGNS |= {
    "<=": ">",
    ">=": "<",
    "!=": "==",
    "**": "*",
    "//": "*",
    "+=": "-=",
    "-=": "+=",
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file; `tabs` are those whose cells it changes."""

    operator: str
    path: str
    begin: int
    end: int
    new: str
    tabs: tuple[str, ...] = ()

    def apply(self, text: str) -> str:
        """Return the changed text of its file."""
        return text[: self.begin] + self.new + text[self.end :]

    def told(self, text: str) -> str:
        """Return its place and the lines that differ."""
        first = text.rfind("\n", 0, self.begin) + 1
        last = text.find("\n", self.end)
        line = text.count("\n", 0, self.begin) + 1
        old, new = (
            text[first:last],
            text[first : self.begin] + self.new + text[self.end : last],
        )
        sign = {"-": old, "+": new}
        rows = [
            f"  {mark} {row}" for mark, rows in sign.items() for row in rows.split("\n")
        ]
        tabs = f" [{', '.join(self.tabs)}]" if self.tabs else ""
        return "\n".join([f"{self.path}:{line}: {self.operator}{tabs}", *rows])


Change = tuple[int, int, str]


def mutants_of(section: Section) -> Iterator[Mutant]:
    """Yield what can be changed of a section, or of a file of solutions."""
    path, text = str(section.path), section.text
    for operator, found in (
        ("number in prose", _prose_numbers(text)),
        ("negation", _turned(text, True)),
        ("words", _turned(text, False)),
        ("code in prose", _spans(text)),
        ("tabs of prose", _prose_tabs(text)),
    ):
        yield from (Mutant(operator, path, *one) for one in found)
    starts = [0]
    for row in text.split("\n"):
        starts.append(starts[-1] + len(row) + 1)
    previous: Cell | None = None
    for cell in section.code:
        at = starts[cell.line - 1]
        if text[at : at + len(cell.source)] != cell.source or cell.left_out:
            continue
        for operator, finder in _IN_CELLS.items():
            for begin, end, new in finder(cell.source):
                yield Mutant(operator, path, at + begin, at + end, new, cell.tabs)
        if (
            previous
            and previous.index + 1 == cell.index
            and previous.tabs != cell.tabs
            and "all" not in cell.tabs + previous.tabs
        ):
            yield _cells_exchanged(path, text, starts, previous, cell)
        previous = cell


def _cells_exchanged(
    path: str, text: str, starts: list[int], one: Cell, other: Cell
) -> Mutant:
    """Give the first of two neighbours the second's code."""
    at, own = starts[one.line - 1], one.source.split("\n", 1)
    new = "\n".join([own[0], other.source.split("\n", 1)[-1]])
    return Mutant("tabs of cells", path, at, at + len(one.source), new, one.tabs)


def _bigger(text: str) -> str:
    return str(int(text) + 1) if text.isdecimal() else repr(float(text) * 2)


def _prose_numbers(text: str) -> Iterator[Change]:
    for found in numbers(text):
        yield *found.span(), _bigger(found[0])


def _turned(text: str, negation: bool) -> Iterator[Change]:
    for found in _WORD.finditer(_KEEP.sub(lambda m: " " * len(m[0]), prose_of(text))):
        if (found[0] in _NEGATIONS) is negation:
            yield *found.span(), _TURNED[found[0]]


def _spans(text: str) -> Iterator[Change]:
    """Put the next other piece of code into each piece of a line."""
    prose = _KEEP.sub(lambda m: " " * len(m[0]), prose_of(text))
    for row in re.finditer(r".+", prose):
        spans = list(_SPAN.finditer(prose, *row.span()))
        for one, other in zip(spans, spans[1:], strict=False):
            if one[1] != other[1]:
                yield *one.span(), other[0]


def _prose_tabs(text: str) -> Iterator[Change]:
    """Exchange the marks of two pieces of prose for different tabs."""
    blocks = list(re.finditer(r"^:begin_tab:`([^`]*)`$", text, re.M))
    for one, other in zip(blocks, blocks[1:], strict=False):
        between = text[one.end() : other.start()]
        if (
            one[1] != other[1]
            and between.rstrip().endswith(":end_tab:")
            and "|" not in between
        ):
            yield one.start(), other.end(), f"{other[0]}{between}{one[0]}"


def _tokens(source: str) -> Iterator[tuple[tokenize.TokenInfo, int, int]]:
    """Yield a cell's tokens and where they are; none of code that is not Python."""
    starts = [0]
    for row in source.split("\n"):
        starts.append(starts[-1] + len(row) + 1)
    try:
        for one in tokenize.generate_tokens(io.StringIO(source).readline):
            yield (
                one,
                starts[one.start[0] - 1] + one.start[1],
                starts[one.end[0] - 1] + one.end[1],
            )
    except (tokenize.TokenError, SyntaxError):
        return


def _numbers(source: str) -> Iterator[Change]:
    for token, begin, end in _tokens(source):
        if token.type == tokenize.NUMBER and re.fullmatch(
            r"\d+|\d*\.\d+|\de-\d+", token.string
        ):
            yield begin, end, _bigger(token.string)


def _signs(source: str) -> Iterator[Change]:
    previous = None
    for token, begin, end in _tokens(source):
        binary = previous and (previous.type in (1, 2) or previous.string in ")]")
        if token.type == tokenize.OP and token.string in _SIGNS:
            if binary and previous.string not in ("lambda", "return", "in", "print"):
                yield begin, end, _SIGNS[token.string]
            elif token.string == "-":
                yield begin, end, ""
        previous = token


def _flags(source: str) -> Iterator[Change]:
    for token, begin, end in _tokens(source):
        if token.type == tokenize.NAME and token.string in ("True", "False"):
            yield begin, end, str(token.string == "False")


def _names(source: str) -> Iterator[Change]:
    """Put another name of the same line in the place of a name that is read."""
    rows: dict[int, list[tuple[str, int, int]]] = {}
    for token, begin, end in _tokens(source):
        if token.type == tokenize.NAME and token.string not in _KEYWORDS:
            rows.setdefault(token.start[0], []).append((token.string, begin, end))
    for found in rows.values():
        for one, other in zip(found, found[1:], strict=False):
            if one[0] != other[0]:
                yield one[1], one[2], other[0]


_KEYWORDS = set(
    "import from as def class return for in if else with lambda and or not is".split()
)
_KEYWORDS |= set(
    "None True False raise try except finally yield pass self super del".split()
)


def _shapes(source: str) -> Iterator[Change]:
    for token, begin, _ in _tokens(source):
        if (
            token.type == tokenize.COMMENT
            and told_in(token.string)
            and token.line[: token.start[1]].strip()
        ):
            for size in re.finditer(r"\d+", token.string):
                yield begin + size.start(), begin + size.end(), str(int(size[0]) + 1)


def _statements(source: str) -> Iterator[Change]:
    """Exchange two statements of a line each, of which the second needs the first."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    rows = source.split("\n")
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for one, other in (
            zip(body, body[1:], strict=False) if isinstance(body, list) else ()
        ):
            alone = (
                one.lineno == one.end_lineno == other.lineno - 1 == other.end_lineno - 1
            )
            if alone and _names_in(one, ast.Store) & _names_in(other, ast.Load):
                old = rows[one.lineno - 1 : other.lineno]
                begin = starts[one.lineno - 1]
                yield begin, begin + len("\n".join(old)), "\n".join(old[::-1])


_IN_CELLS: dict[str, Callable[[str], Iterator[Change]]] = {
    "number in a cell": _numbers,
    "sign": _signs,
    "flag": _flags,
    "name": _names,
    "shape in a comment": _shapes,
    "order of statements": _statements,
}


def _names_in(node: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    return {one.id for one in names if isinstance(one.ctx, context)}


def sample(mutants: list[Mutant], number: int, seed: int) -> list[Mutant]:
    """Choose some, of each operator as many as of any other while there are."""
    chosen, generator = [], random.Random(seed)
    kinds: dict[str, list[Mutant]] = {}
    for one in mutants:
        kinds.setdefault(one.operator, []).append(one)
    for found in kinds.values():
        generator.shuffle(found)
    order = list(kinds.values())
    generator.shuffle(order)
    while len(chosen) < number and any(order):
        chosen += [found.pop() for found in order if found]
    return chosen[:number]
