"""What `sphinx_configs` of config.ini sets, as far as it says so in plain values."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from bookkit.book.config.ini import Ini


def read_sphinx(ini: Ini) -> Mapping[str, object]:
    """Return the settings whose values are literals; Sphinx judges the rest."""
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
