"""Values found while reading a page, kept for the next build."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


class PerPage:
    """Values by page, in Sphinx's environment under a name of ours."""

    def __init__(self, name: str) -> None:
        self._name = f"bookkit_{name}"

    def setup(self, app: Sphinx) -> None:
        """Drop values of pages that are read again; merge those of other processes."""
        app.connect("env-purge-doc", self._purge)
        app.connect("env-merge-info", self._merge)

    def of(self, env: BuildEnvironment) -> dict[str, Any]:
        """Return the values, to be read and changed."""
        values: dict[str, Any] = vars(env).setdefault(self._name, {})
        return values

    def _purge(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        self.of(env).pop(docname, None)

    def _merge(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        docnames: set[str],
        other: BuildEnvironment,
    ) -> None:
        theirs = self.of(other)
        self.of(env).update({one: theirs[one] for one in docnames if one in theirs})
