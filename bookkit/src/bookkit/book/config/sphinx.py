"""How numbered things are called, and what else `sphinx_configs` sets in plain values.

Pages take both from Sphinx; notebooks, which it does not see, from here.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from bookkit.book.config.ini import Ini

#: Sphinx's own words, under the names of its settings.
_ENGLISH: Mapping[str, Any] = {
    "numfig_format": {
        "figure": "Fig. %s",
        "table": "Table %s",
        "code-block": "Listing %s",
        "section": "Section %s",
    },
    "math_eqref_format": "({number})",
}
#: Words of languages into which Sphinx does not translate them.
NUMBERED: Mapping[str, Mapping[str, Any]] = {
    "zh": {
        "numfig_format": {
            "figure": "图%s",
            "table": "表%s",
            "code-block": "代码%s",
            "section": "%s节",
        },
        "bookkit_chapter_format": "第%s章",
        "math_eqref_format": "（{number}）",
    },
}


def language_of(name: str) -> str:
    """Return a language without its country: `zh` for `zh-cn`."""
    return name.replace("-", "_").partition("_")[0]


def read_sphinx(ini: Ini) -> Mapping[str, Any]:
    """Return the settings whose values are literals; Sphinx judges the rest."""
    known = NUMBERED.get(language_of(ini.get("project", "lang")), _ENGLISH)
    found = _literals(ini)
    own = found.get("numfig_format")
    whole = known["numfig_format"] | (own if isinstance(own, dict) else {})
    return {**known, **found, "numfig_format": whole}


def _literals(ini: Ini) -> dict[str, object]:
    found: dict[str, object] = {}
    try:
        statements = ast.parse(ini.get("build", "sphinx_configs")).body
    except SyntaxError:
        return found
    for one in statements:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            try:
                found[one.targets[0].id] = ast.literal_eval(one.value)
            except ValueError:
                continue
    return found
