"""Which frameworks each page has; all pages show it of each other.

Our builder knows for which frameworks a section was run.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from bookkit.site.extension.base import runs

# In the environment: the tabs of all pages, by page.
_TOLD = "bookkit_page_tabs"


def setup(app: Sphinx) -> None:
    app.connect("env-updated", _update)


def tabs_of(env: BuildEnvironment, docname: str) -> list[str]:
    """Return the tabs of a page in the order of the book; all for other pages."""
    told: dict[str, list[str]] = vars(env).get(_TOLD, {})
    return told.get(docname, list(env.config.bookkit_tabs))


def _update(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Find the tabs of all pages; when any changed, all pages are written again."""
    now = {name: _tabs(app.config, name) for name in sorted(env.found_docs)}
    if now == vars(env).get(_TOLD):
        return []
    vars(env)[_TOLD] = now
    return list(now)


def _tabs(config: Config, docname: str) -> list[str]:
    found = runs.tabs_of(config, docname) or config.bookkit_tabs
    return [tab for tab in config.bookkit_tabs if tab in found]
