"""The page for addresses that have none: `404.html`, as servers of files look for it.

It is shown at addresses of any depth, so all of its own begin at the top of the server:
at `/`, or in the folder that `site` of `config.ini` names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from bookkit.files import write_whole
from bookkit.site.extension.base.book import words_of
from bookkit.site.extension.base.page_context import Context
from bookkit.site.extension.base.settings import book_of

NAME = "404"
_RELATIVE = re.compile(
    r'(\s(?:href|src|action|data-content_root)=")(?:\./)?(?![a-z]+:|[#/?])'
)


def setup(app: Sphinx) -> None:
    app.connect("html-collect-pages", _page)
    app.connect("build-finished", _from_the_top)


def _page(app: Sphinx) -> Iterator[tuple[str, Context, str]]:
    words = words_of(app.config, "missing_")
    yield NAME, {"title": words["title"], "bookkit_missing": words}, "page/missing.html"


def _from_the_top(app: Sphinx, exception: Exception | None) -> None:
    path = Path(app.outdir) / f"{NAME}.html"
    if exception is None and path.is_file():
        top = urlsplit(book_of(app).site).path.rstrip("/")
        text = path.read_text(encoding="utf-8")
        write_whole(path, _RELATIVE.sub(rf"\g<1>{top}/", text))
