"""How parts add to a page's template context, and change its text."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

#: What a template is given, by name.
Context = dict[str, Any]

_USUAL = 500
_BODY = "body"


def complete_each_page(
    app: Sphinx,
    complete: Callable[[Sphinx, str, Context], None],
    priority: int = _USUAL,
) -> None:
    """Call `complete(app, pagename, context)` for each page's template context."""

    def listen(
        app: Sphinx,
        pagename: str,
        templatename: str,
        context: Context,
        doctree: nodes.document | None,
    ) -> None:
        complete(app, pagename, context)

    app.connect("html-page-context", listen, priority=priority)


def rewrite_each_body(
    app: Sphinx, rewrite: Callable[[str], str], priority: int = _USUAL
) -> None:
    """Pass the HTML of each page's own text through `rewrite`."""

    def complete(app: Sphinx, pagename: str, context: Context) -> None:
        if _BODY in context:
            context[_BODY] = rewrite(context[_BODY])

    complete_each_page(app, complete, priority)


def _nothing(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    """Visit or depart a node without a trace."""


def add_html_node(
    app: Sphinx,
    node: type[nodes.Element],
    visit: Callable[..., None],
    depart: Callable[..., None] = _nothing,
) -> None:
    """Add a node of which other formats show nothing but its content."""
    no = (_nothing, _nothing)
    html = (visit, depart)
    app.add_node(node, html=html, latex=no, text=no, man=no, texinfo=no)


def drop_files(context: Context, names: Collection[str]) -> None:
    """Remove style sheets and scripts from a page; names are below `_static/`."""

    def is_named(file: Any) -> bool:
        path = str(getattr(file, "filename", file))
        return path.removeprefix("_static/") in names

    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context.get(kind, ()) if not is_named(file)]
