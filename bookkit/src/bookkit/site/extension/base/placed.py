"""Errors while a page is written, with the page that they belong to.

Sphinx ends with the first of them and does not say which page it was; where it writes
with several processes, it may wait for them forever.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging

_logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", _guard)


def _guard(app: Sphinx) -> None:
    builder = app.builder
    if not isinstance(builder, StandaloneHTMLBuilder):
        return
    write = builder.write_doc

    def write_or_tell(docname: str, doctree: nodes.document) -> None:
        try:
            write(docname, doctree)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            _logger.error("cannot be written as a page (%s)", said, location=docname)

    builder.write_doc = write_or_tell  # type: ignore[method-assign]
