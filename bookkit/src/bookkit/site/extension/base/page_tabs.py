"""Which frameworks each page has; all pages show it of each other.

Our builder knows for which frameworks a section was run. Without it, a page has the
frameworks of its tab groups; one without groups is for everybody.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

from bookkit.site.extension.base import runs
from bookkit.site.extension.base.per_page import PerPage

#: The tabs of a page's groups, of those included that are the same in all tabs.
IN_GROUPS = PerPage("tabs_in_groups")
# In the environment: the tabs of all pages, by page.
_TOLD = "bookkit_page_tabs"


def setup(app: Sphinx) -> None:
    IN_GROUPS.setup(app)
    app.connect("env-updated", _update)


def tabs_of(env: BuildEnvironment, docname: str) -> list[str]:
    """Return the tabs of a page in the order of the book; all for other pages."""
    told: dict[str, list[str]] = vars(env).get(_TOLD, {})
    return told.get(docname, list(env.config.bookkit_tabs))


def _update(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Find the tabs of all pages; when any changed, all pages are written again."""
    in_groups = IN_GROUPS.of(env)
    now = {
        docname: _tabs(app.config, docname, in_groups.get(docname, []))
        for docname in sorted(env.found_docs)
    }
    if now == vars(env).get(_TOLD):
        return []
    vars(env)[_TOLD] = now
    return list(now)


def _tabs(config: Config, docname: str, in_groups: list[str]) -> list[str]:
    found = runs.tabs_of(config, docname) or in_groups or config.bookkit_tabs
    return [tab for tab in config.bookkit_tabs if tab in found]
