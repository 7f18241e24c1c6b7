"""The colours of code: which kinds of marks look the same, and the rules for them.

Pygments has eighty kinds of marks, and Furo writes a rule for each of them three times.
In a pair of styles, one for light pages and one for dark, few kinds look different: all
that look the same get one element between them, and what looks like the text around it
gets none. An element of a name of its own, e.g. `<c-k>`, is half as long as a `<span>`
with a class; browsers show what they do not know as they show a `<span>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pygments.style import StyleMeta
from pygments.token import STANDARD_TYPES
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge

# As Pygments writes them, e.g. `.highlight .k { color: #008 } /* Keyword */`
_RULE = re.compile(r".*?\.highlight \.(\w+) \{ (.*?) \} /\* .* \*/")
_TEXT_COLOUR = re.compile(r"\.highlight \{.*?(color: [^;}]*?)\s*[;}]")
_ON_GAPS = re.compile(r"background|underline|border")
# Names, punctuation and spaces, which our styles leave as they are. Operators too: a
# page of method calls has hundreds of dots, which Pygments takes for operators, and the
# others need no colour to be seen.
_PLAIN = frozenset({"n", "o", "p", "w"})
# Prompts and answers of a session are more than colours: prompts are not copied.
_KEPT = frozenset({"gp", "go"})
# Han characters have no italics in comments either.
_PROSE = frozenset({"c", "c1", "ch", "cm", "sd"})

#: What a kind looks like on light pages, what on dark ones, and whether it is prose.
_Look = tuple[str, str, bool]


@dataclass(frozen=True)
class CodeColours:
    """How the code of a book is coloured."""

    #: The element of each kind of mark, e.g. `k`; "" for what looks like all text.
    elements: Mapping[str, str]
    #: Elements that show on the space between two words, too.
    on_gaps: frozenset[str]
    sheet: str
    #: Rules for numbers of lines, and for lines that stand out.
    lines_sheet: str


def colours_of(app: Sphinx) -> CodeColours:
    """Return the colours that the book's configuration and its theme ask for."""
    light: StyleMeta = app.builder.highlighter.formatter_args["style"]  # type: ignore[attr-defined]
    bridge = PygmentsBridge("html", app.config.pygments_dark_style)
    return colours_of_styles(light, bridge.formatter_args["style"])


def colours_of_styles(light: StyleMeta, dark: StyleMeta) -> CodeColours:
    """Return the elements and the rules for a pair of Pygments' styles."""
    schemes = [_Scheme.of(style) for style in (light, dark)]
    elements: dict[str, str] = {}
    looks: dict[_Look, str] = {}
    for kind in filter(None, STANDARD_TYPES.values()):
        if kind in _KEPT:
            continue
        ours, theirs = (scheme.looks.get(kind, "") for scheme in schemes)
        if kind in _PLAIN or all(scheme.is_plain(kind) for scheme in schemes):
            elements[kind] = ""
        else:
            look = (ours, theirs, kind in _PROSE)
            elements[kind] = looks.setdefault(look, f"c-{kind}")
    on_gaps = {
        name for (*both, _), name in looks.items() if any(map(_ON_GAPS.search, both))
    }
    return CodeColours(
        elements,
        frozenset(on_gaps),
        _sheet(
            [[*scheme.rest, *_merged(looks, at)] for at, scheme in enumerate(schemes)],
            _upright(looks),
        ),
        _sheet([scheme.lines for scheme in schemes], []),
    )


@dataclass(frozen=True)
class _Scheme:
    """What one of Pygments' styles says, for light pages or for dark ones."""

    looks: Mapping[str, str]
    text: str
    #: Rules for what stays as it is, and for the text around all marks.
    rest: Sequence[str]
    lines: Sequence[str]

    @classmethod
    def of(cls, style: StyleMeta) -> _Scheme:
        formatter = PygmentsBridge.html_formatter(style=style)
        numbers = [f".highlight {line}" for line in formatter.get_linenos_style_defs()]
        ground = formatter.get_background_style_defs(".highlight")
        marks = formatter.get_token_style_defs(".highlight")
        found = [(line, _RULE.fullmatch(line)) for line in marks]
        colours = [match[1] for match in map(_TEXT_COLOUR.match, ground) if match]
        rest = [
            line.partition(" /*")[0]
            for line, rule in found
            if rule is None or rule[1] in _KEPT
        ]
        return cls(
            {rule[1]: rule[2] for _, rule in found if rule},
            next(iter(colours), ""),
            # Our own style sheet has the background.
            [*(f".highlight {{ {colour} }}" for colour in colours), *rest],
            # Nor is the height of a line a matter of colours.
            [
                line
                for line in (*numbers, *ground)
                if ".linenos" in line or ".hll" in line
            ],
        )

    def is_plain(self, kind: str) -> bool:
        return self.looks.get(kind, "") in ("", self.text)


def _merged(looks: Mapping[_Look, str], at: int) -> Iterator[str]:
    """Yield a rule for each look of the light scheme, or the dark one."""
    found: dict[str, list[str]] = {}
    for look, name in looks.items():
        if look[at]:
            found.setdefault(str(look[at]), []).append(name)
    for declarations, names in found.items():
        yield f":is({','.join(names)}) {{ {declarations} }}"


def _upright(looks: Mapping[_Look, str]) -> list[str]:
    prose = ",".join(name for (_, _, is_prose), name in looks.items() if is_prose)
    rule = f"article .highlight :is({prose}):lang(zh) {{ font-style: normal }}"
    return [rule] if prose else []


def _sheet(schemes: Sequence[Sequence[str]], last: Sequence[str]) -> str:
    light, dark = schemes
    return "\n".join(
        [
            *light,
            "@media not print {",
            *(f'body[data-theme="dark"] {line}' for line in dark),
            "@media (prefers-color-scheme: dark) {",
            *(f'body:not([data-theme="light"]) {line}' for line in dark),
            "}",
            "}",
            *last,
        ]
    )
