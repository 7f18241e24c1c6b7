"""The order in which a reader meets the pages."""

from __future__ import annotations

from sphinx.environment import BuildEnvironment


def in_reading_order(env: BuildEnvironment) -> list[str]:
    """Return the pages as their tables of contents list them, then all others."""
    order: dict[str, None] = {}

    def visit(docname: str) -> None:
        if docname not in order and docname in env.found_docs:
            order[docname] = None
            for child in env.toctree_includes.get(docname, ()):
                visit(child)

    for docname in (env.config.root_doc, *sorted(env.found_docs)):
        visit(docname)
    return list(order)
