"""The site's search: an index of our own, and a page that asks it.

Sphinx's own index knows which words a page has, but not where, in which framework or
in which sentence, and it takes Chinese apart otherwise than its page takes questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config

from bookkit.files import write_whole
from bookkit.site.extension.base.book import title_of
from bookkit.site.extension.base.reading_order import in_reading_order
from bookkit.site.extension.base.runs import HAS_TABLE
from bookkit.site.extension.base.settings import book_of
from bookkit.site.extension.search import page
from bookkit.site.extension.search.blocks import CAPTION_NUMBER, Place, places_of
from bookkit.site.extension.search.index import script_of
from bookkit.site.extension.search.kept import KeptPlaces

_CAPTIONS = (nodes.caption, nodes.title)


def setup(app: Sphinx) -> None:
    page.setup(app)
    # No page has them, but Sphinx writes the index only where some page is outdated.
    app.add_config_value("bookkit_synonyms", (), "html", types=(list, tuple))
    app.connect("config-inited", _complete_config)
    search = _Search()
    app.connect("builder-inited", search.begin)
    # After everything else that words a page.
    app.connect("doctree-resolved", search.keep, priority=900)
    app.connect("html-collect-pages", search.write)


class _Search:
    """What one build finds out about the pages, and knows of the last one."""

    def __init__(self) -> None:
        self._kept: KeptPlaces | None = None

    def begin(self, app: Sphinx) -> None:
        if isinstance(app.builder, StandaloneHTMLBuilder):
            app.builder.search = False
            self._kept = KeptPlaces(Path(app.doctreedir))

    def keep(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Take down what a page says; the main process resolves all of them."""
        if self._kept is not None:
            self._kept[docname] = _places(app, doctree, docname)

    def write(self, app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        if self._kept is None:
            return
        for docname in app.env.found_docs:
            if docname not in self._kept:
                app.env.get_and_resolve_doctree(docname, app.builder, tags=app.tags)
        self._kept.save(app.env.found_docs)
        pages = [
            (app.builder.get_target_uri(docname), self._kept[docname])
            for docname in in_reading_order(app.env)
            if self._kept[docname]
        ]
        tabs = {tab: title_of(app.config, tab) for tab in app.config.bookkit_tabs}
        last = {app.builder.get_target_uri(name) for name in _pages_that_come_last(app)}
        script = script_of(pages, tabs, last=last, synonyms=app.config.bookkit_synonyms)
        write_whole(Path(app.outdir) / page.INDEX, script)
        yield page.NAME, {}, page.TEMPLATE


def _complete_config(app: Sphinx, config: Config) -> None:
    config.bookkit_synonyms = config.bookkit_synonyms or book_of(app).synonyms


def _pages_that_come_last(app: Sphinx) -> set[str]:
    """Return those that list other pages, or the runs: what they say is said there."""
    metadata = app.env.metadata
    records = {name for name, known in metadata.items() if HAS_TABLE in known}
    return {
        name for name, listed in app.env.toctree_includes.items() if listed
    } | records


def _places(app: Sphinx, doctree: nodes.document, docname: str) -> list[Place]:
    if {"nosearch", "no-search"} & set(app.env.metadata.get(docname, {})):
        return []
    numbers = app.env.toc_secnumbers.get(docname, {})
    # Sphinx knows the heading of a whole page by no anchor.
    title = next(iter(doctree.findall(nodes.section)), nodes.section())
    aliases = {anchor: "" for anchor in title["ids"]}

    def number(anchor: str) -> str:
        found = numbers.get(aliases.get(anchor, f"#{anchor}"), ())
        return ".".join(map(str, found)) + " " if found else ""

    _number_captions(app, doctree, docname)
    return places_of(doctree, number)


def _number_captions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take down on each caption the number that only its page's HTML will have."""
    domain = app.env.domains.standard_domain
    for caption in doctree.findall(lambda node: isinstance(node, _CAPTIONS)):
        kind = domain.get_enumerable_node_type(caption.parent)
        numbers = app.env.toc_fignumbers.get(docname, {}).get(kind or "", {})
        for anchor in caption.parent["ids"][:1] if kind else ():
            if anchor in numbers:
                number = ".".join(map(str, numbers[anchor]))
                caption[CAPTION_NUMBER] = app.config.numfig_format[kind] % number
