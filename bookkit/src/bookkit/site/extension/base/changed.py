"""Pages to read again because their input changed, whatever file times say."""

from __future__ import annotations

import json
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def changed_pages(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Return the pages that our builder says have changed."""
    if not app.config.bookkit_changed:
        return []
    named = json.loads(Path(app.config.bookkit_changed).read_text(encoding="utf-8"))
    return [name for name in named if name in env.found_docs]


def setup(app: Sphinx) -> None:
    """Add the setting that names the file with the changed pages."""
    app.add_config_value("bookkit_changed", "", "", types=frozenset({str}))
    app.connect("env-get-outdated", changed_pages)
