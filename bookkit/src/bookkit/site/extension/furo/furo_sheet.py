"""Furo's style sheet in two: what each page needs, and what few pages do.

The second half of Furo's rules is for what a manual of an interface has: notes in
boxes, signatures, footnotes, tables of options. A page gets these rules when it has
something that one of them is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files

from bookkit.site.extension.furo.sheets import Rule, rules_of, split

# Classes, and names of elements, that few pages have.
_RARE_CLASSES = (
    "admonition",
    "admonition-title",
    "align-left",
    "align-right",
    "attribution",
    "centered",
    "code-block-caption",
    "contents",
    "deprecated",
    "domainindex-jumpbox",
    "domainindex-section",
    "epigraph",
    "field-list",
    "footnote",
    "footnote-reference",
    "genindex-jumpbox",
    "genindex-section",
    "glossary",
    "guilabel",
    "highlights",
    "highlighttable",
    "hll",
    "line-block",
    "linenos",
    "literal-block",
    "only-dark",
    "only-light",
    "option-list",
    "property",
    "pull-quote",
    "rubric",
    "sidebar",
    "sig",
    "sig-inline",
    "sig-name",
    "sig-param",
    "sig-paren",
    "sig-prename",
    "topic",
    "topic-title",
    "versionadded",
    "versionchanged",
    "versionremoved",
    "viewcode-back",
    "viewcode-link",
)
_RARE_ELEMENTS = ("dl", "kbd")
# What none of our pages can have: Sphinx's own search, its indexes, links to an editor.
_NEVER = re.compile(
    r"#searchbox|ul\.search|\.highlighted|\.edit-this-page|\.bottom-of-page \.icons"
)
# Marks that our pages say in a shorter way.
_RENAMED = {
    ".code-block-caption+div[class]>.highlight": ".code-block-caption+.highlight",
    'div[class*=" highlight-"] .table-wrapper,div[class^=highlight-] .table-wrapper': (
        ".highlight .table-wrapper"
    ),
    'div[class*=" highlight-"],div[class^=highlight-]{display:flex;margin:1em 0}': "",
}
_RARE_VARIABLE = re.compile(
    r"--(?:icon-(?!search)|(?:color-)?(?:admonition|topic|api|guilabel|card)-)"
)
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL.*?\*/")
_CLASSES = "|".join(map(re.escape, _RARE_CLASSES))
_ELEMENTS = "|".join(_RARE_ELEMENTS)
_IS_RARE = re.compile(
    rf"\.(?:{_CLASSES})(?![\w-])|(?<![\w.#-])(?:{_ELEMENTS})(?![\w-])"
)
_HAS_RARE = re.compile(rf'class="(?:[^"]* )?(?:{_CLASSES})[" ]|<(?:{_ELEMENTS})[ >]')


def needs_rare(html: str) -> bool:
    """Tell whether a page has something that the rare rules are for."""
    return _HAS_RARE.search(html) is not None


def halves_of_furo() -> tuple[str, str]:
    """Return the rules that all pages need, and the rare ones."""
    rules = list(rules_of(_read()))
    usual, rare = _half(rules, is_rare=False), _half(rules, is_rare=True)
    return "\n".join(map(str, usual)), "\n".join(map(str, rare))


def _read() -> str:
    path = files("furo") / "theme" / "furo" / "static" / "styles" / "furo.css"
    sheet = path.read_text(encoding="utf-8")
    for name, ours in _RENAMED.items():
        sheet = sheet.replace(name, ours)
    return _SOURCE_MAP.sub("", sheet)


def _half(rules: Iterable[Rule], *, is_rare: bool) -> list[Rule]:
    found = []
    for rule in rules:
        if _NEVER.search(rule.head):
            continue
        if rule.is_group:
            body = "".join(map(str, _half(rules_of(rule.body), is_rare=is_rare)))
        else:
            rare_rule = all(map(_IS_RARE.search, rule.selectors))
            body = ";".join(
                part
                for part in split(rule.body, ";")
                if _is_rare(part, rare_rule) is is_rare
            )
        if body:
            found.append(Rule(rule.head, body))
    return found


def _is_rare(declaration: str, rare_rule: bool) -> bool:
    if declaration.startswith("--"):
        return _RARE_VARIABLE.match(declaration) is not None
    return rare_rule
