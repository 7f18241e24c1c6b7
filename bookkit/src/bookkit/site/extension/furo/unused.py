"""What Sphinx and its theme bring and no page needs: not loaded, not published."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import (
    Context,
    complete_each_page,
    drop_files,
)

# Sphinx's own search and highlighting, Furo's styles for other extensions, and those
# whose rules are in our own sheet.
_NOT_LOADED = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "translations.js",
    "pygments.css",
    "styles/furo.css",
    "styles/furo-extensions.css",
)
_NOT_PUBLISHED = (
    *_NOT_LOADED,
    "basic.css",
    "debug.css",
    "file.png",
    "language_data.js",
    "minus.png",
    "plus.png",
    "searchtools.js",
    "skeleton.css",
    "scripts/furo-extensions.js",
    "scripts/furo.js.map",
    "styles/furo-extensions.css.map",
    "styles/furo.css.map",
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
