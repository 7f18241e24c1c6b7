"""The text of a section as its author wrote it, beside its page.

Servers may send it without saying in which encoding, and browsers then guess: a
byte order mark tells them. The book's own files have none.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from bookkit.files import write_whole
from bookkit.site.extension.base.book import word
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.settings import book_of

_FOLDER = "_sources"
# Browsers show plain text; `.md` they would save.
_SUFFIX = ".md.txt"


def setup(app: Sphinx) -> None:
    complete_each_page(app, _add_link)
    app.connect("build-finished", _copy_sources)


def _source(app: Sphinx, docname: str) -> Path:
    return book_of(app).root / f"{docname}.md"


def _add_link(app: Sphinx, pagename: str, context: Context) -> None:
    if pagename in app.env.found_docs and _source(app, pagename).is_file():
        context["bookkit_source"] = {
            "text": word(app.config, "launch_source"),
            "address": context["pathto"](quote(f"{_FOLDER}/{pagename}{_SUFFIX}"), 1),
        }


def _copy_sources(app: Sphinx, exception: Exception | None) -> None:
    """Copy all changed sources, and delete those of removed sections."""
    if exception or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    folder = Path(app.outdir) / _FOLDER
    wanted = set()
    for docname in app.env.found_docs:
        source, copy = _source(app, docname), folder / f"{docname}{_SUFFIX}"
        if source.is_file():
            wanted.add(copy)
            content = codecs.BOM_UTF8 + source.read_bytes().removeprefix(
                codecs.BOM_UTF8
            )
            if not copy.is_file() or copy.read_bytes() != content:
                write_whole(copy, content)
    for copy in folder.rglob(f"*{_SUFFIX}"):
        if copy not in wanted:
            copy.unlink()
