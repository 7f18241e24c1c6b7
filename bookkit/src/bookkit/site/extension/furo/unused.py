"""Files of Sphinx, Furo and d2lbook that no page needs: not loaded, not published."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from bookkit.site import sphinx_internals
from bookkit.site.extension.base.page_context import (
    Context,
    complete_each_page,
    drop_files,
)
from bookkit.site.extension.furo import furo_internals

#: Files of d2lbook's own theme, named by its conf.py.
_THEME_FILES = ("d2l.css", "d2l.js")
_NOT_LOADED = (
    *sphinx_internals.LOADED_FILES,
    *furo_internals.LOADED_FILES,
    *_THEME_FILES,
)
_NOT_PUBLISHED = (
    *_NOT_LOADED,
    *sphinx_internals.OTHER_FILES,
    *furo_internals.OTHER_FILES,
)


def setup(app: Sphinx) -> None:
    # After the theme and all extensions have named their files.
    complete_each_page(app, _unload, priority=950)
    app.connect("build-finished", _unpublish, priority=950)


def _unload(app: Sphinx, pagename: str, context: Context) -> None:
    drop_files(context, _NOT_LOADED)


def _unpublish(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    for name in _NOT_PUBLISHED:
        (Path(app.outdir) / "_static" / name).unlink(missing_ok=True)
