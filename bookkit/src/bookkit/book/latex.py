"""LaTeX as MathJax reads it, rewritten as math-core reads it."""

from __future__ import annotations

import re

#: Commands of MathJax in math-core's words.
MACROS = {
    **dict.fromkeys(("mbox", "hbox", "textup", "textnormal"), r"\text{#1}"),
    **dict.fromkeys(("dotsb", "dotsm", "dotsi"), r"\cdots"),
    **dict.fromkeys(("dotsc", "dotso"), r"\ldots"),
    **dict.fromkeys(("mathup", "symup", "symrm"), r"\mathrm{#1}"),
    **dict.fromkeys(("mathnormal", "symnormal", "symit"), r"\mathit{#1}"),
    **dict.fromkeys(("pmb", "mathbfit", "symbfit"), r"\boldsymbol{#1}"),
    **dict.fromkeys(("mathbfup", "symbfup"), r"\mathbf{#1}"),
    **dict.fromkeys(("class", "cssId"), "#2"),
    **dict.fromkeys(("strut", "nonscript", "normalsize"), ""),
    **{f"sym{name}": rf"\math{name}{{#1}}" for name in "bb cal frak scr sf tt".split()},
    "Arrowvert": r"\|",
    "LaTeX": r"\text{LaTeX}",
    "TeX": r"\text{TeX}",
    "arrowvert": "|",
    "cases": r"\begin{cases}#1\end{cases}",
    "centerdot": r"\cdot",
    "cr": r"\\",
    "displaylines": r"\begin{gathered}#1\end{gathered}",
    "eqalign": r"\begin{aligned}#1\end{aligned}",
    "intop": r"\int\limits",
    "ketbra": r"|#1\rangle\langle#2|",
    "matrix": r"\begin{matrix}#1\end{matrix}",
    "nshortmid": r"\nmid",
    "nshortparallel": r"\nparallel",
    "overunderset": r"\overset{#1}{\underset{#2}{#3}}",
    "pmatrix": r"\begin{pmatrix}#1\end{pmatrix}",
    "shortmid": r"\mid",
    "shortparallel": r"\parallel",
    "smash": "#1",
    "smallfrown": r"\frown",
    "smallint": r"\int",
    "smallsetminus": r"\setminus",
    "smallsmile": r"\smile",
    "stackbin": r"\mathbin{\overset{#1}{#2}}",
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "thickapprox": r"\approx",
    "thicksim": r"\sim",
    "varinjlim": r"\underrightarrow{\lim}",
    "varliminf": r"\underline{\lim}",
    "varlimsup": r"\overline{\lim}",
    "varprojlim": r"\underleftarrow{\lim}",
    "varpropto": r"\propto",
    "vcenter": "{#1}",
}
_SIGNS = {
    "√": r"\surd ",
    "∅": r"\emptyset ",
    "∠": r"\angle ",
    "∴": r"\therefore ",
    "∵": r"\because ",
    "⊤": r"\top ",
    "⊥": r"\perp ",
}
# Without a `\tag` nothing stands beside the rows, so they need not fill the line.
_ENVIRONMENTS = {
    "align": "aligned",
    "alignat": "aligned",
    "alignedat": "aligned",
    "eqnarray": "darray}{rcl",
    "flalign": "aligned",
    "gather": "gathered",
    "smallmatrix": "subarray}{c",
    "split": "aligned",
    "xalignat": "aligned",
    "xxalignat": "aligned",
}
# An operator's name: what stands in `\mathop{…}` beside letters.
_NAME_COMMANDS = re.compile(r"\\(?:mathrm|textrm|text|rm|mbox)(?![a-zA-Z])|[{}]")
_NAME_WORDS = re.compile(r"\\(arg|max|min|sup|inf|lim)(?![a-zA-Z])\s*")
_NAME = re.compile(r"(?:[\w\s-]|\\[,;: !])+")

_GROUP = r"\{(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*\})*\})*\}"
_TOKEN = re.compile(
    rf"""\\(?P<text>text(?:rm|bf|it|sf|tt|up|normal)?|mbox|hbox)\s*(?P<said>{_GROUP})
    | \\(?P<operator>mathop|operatorname)(?P<star>\*?)\s*(?P<name>{_GROUP})
    | (?P<row>\\\\)\*?(?:\[\s*-?[\d.]+\s*[a-z]{{2}}\s*\])?
    | \\begin\s*\{{(?P<array>d?array)\}}(?:\[[tbc]\])?\s*(?P<columns>{_GROUP})
    | \\(?P<edge>begin|end)\s*\{{(?P<environment>\w+)\*?\}}(?:\[[tbc]\])?
      (?P<pairs>\{{\d+\}})?
    | \\(?P<fence>left|right|middle|[bB]igg?[lrm]?)\s*(?P<angle>[<>])
    | (?P<colour>\\color)(?=\s*{_GROUP}\s*\{{)
    | (?P<dropped>\\(?:label|require)\s*{_GROUP})
    | \\tag\*?\s*(?P<tag>{_GROUP})
    | (?P<space>\\\s)
    | (?P<sign>[{"".join(_SIGNS)}])
    | \\.""",
    re.VERBOSE | re.DOTALL,
)
_SPECIAL, _ESCAPE = re.compile(r"(?<!\\)([_#&%])"), r"\\\1"
_DOLLAR = re.compile(r"(?<!\\)\$")
_ESCAPED = re.compile(r"(\\\\)|\\[^a-zA-Z]")
_INNER = re.compile(
    r"\{[^{}]*\}|\\begin(?![a-zA-Z])(?:(?!\\begin|\\end).)*\\end(?![a-zA-Z])", re.DOTALL
)


def prepared(source: str, block: bool) -> str:
    """Rewrite what math-core does not read."""
    top = _outside(source)
    tagged = block and r"\tag" in source
    latex = _TOKEN.sub(lambda token: _rewritten(token, block, tagged), source)
    if not block:
        return latex
    rows = r"\\" in source and (r"\\" in top or "&" in top)
    if r"\tag" in top:
        around = "align*" if rows else "equation*"
    elif rows:
        around = "aligned"
    else:
        return latex
    return rf"\begin{{{around}}}{latex}\end{{{around}}}"


def _outside(source: str) -> str:
    """Return what stands in no group and no environment."""
    text, shorter = "", _ESCAPED.sub(lambda sign: sign[1] or "", source)
    while text != shorter:
        text, shorter = shorter, _INNER.sub("", shorter)
    return text


def _rewritten(token: re.Match[str], block: bool, tagged: bool) -> str:
    if token["text"]:
        return _text(token["text"], token["said"][1:-1])
    if token["operator"]:
        return _operator(token)
    if token["row"]:
        return token["row"]
    if token["array"]:
        columns = re.sub(rf"[@!p]\s*{_GROUP}|\s", "", token["columns"][1:-1])
        return rf"\begin{{{token['array']}}}{{{columns}}}"
    if token["edge"]:
        return _edge(token, tagged)
    if token["fence"]:
        side = "l" if token["angle"] == "<" else "r"
        return rf"\{token['fence']}\{side}angle "
    if token["tag"] and not block:
        return rf"\qquad\text{{({token['tag'][1:-1]})}}"
    if token["sign"]:
        return _SIGNS[token["sign"]]
    if token["colour"]:
        return r"\textcolor"
    if token["space"]:
        return r"\ "
    return "" if token["dropped"] else token[0]


def _text(command: str, body: str) -> str:
    """Return text in which `$…$` is a formula again."""
    parts = _DOLLAR.split(body)
    if len(parts) % 2 == 0:
        return rf"\{command}{{{body}}}"
    said = [
        _plain(part) if at % 2 else rf"\{command}{{{_SPECIAL.sub(_ESCAPE, part)}}}"
        for at, part in enumerate(parts)
        if part
    ]
    return said[0] if len(parts) == 1 and said else f"{{{''.join(said)}}}"


def _plain(part: str) -> str:
    return f"{{{_TOKEN.sub(lambda token: _rewritten(token, False, False), part)}}}"


def _operator(token: re.Match[str]) -> str:
    body = token["name"][1:-1]
    name = _NAME_COMMANDS.sub("", _NAME_WORDS.sub(r"\1\\,", body)).removesuffix(r"\,")
    if name == body or not _NAME.fullmatch(name):
        return token[0]
    star = "*" if token["operator"] == "mathop" else token["star"]
    return rf"\operatorname{star}{{{name.strip()}}}"


def _edge(token: re.Match[str], tagged: bool) -> str:
    edge, name, pairs = token["edge"], token["environment"], token["pairs"] or ""
    if name.endswith(("alignat", "alignedat")):
        pairs = ""
    if tagged and name in ("align", "alignat", "equation", "flalign", "gather"):
        name = f"{name.removesuffix('at').removeprefix('fl')}*"
    elif name == "equation":
        return pairs
    elif name == "multline" and edge == "end" and not tagged:
        return rf"\notag\end{{multline}}{pairs}"
    else:
        name = _ENVIRONMENTS.get(name, name)
    if edge == "end":
        name = name.partition("}")[0]
    return rf"\{edge}{{{name}}}{pairs}"
