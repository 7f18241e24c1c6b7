"""Links to download a section's notebook and to open it in a service.

Only our own builder puts notebooks beside the pages; it says which in a file. A
page that comes from anywhere else has no such links.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from bookkit.book.commands import pip_line
from bookkit.book.config import Config
from bookkit.book.config.services import links as opened
from bookkit.site.extension.base.book import title_of, word, words_of
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.base.settings import book_of
from bookkit.site.html_pages import DOWNLOADS

_ARCHIVE = ".zip"


def setup(app: Sphinx) -> None:
    app.add_config_value("bookkit_downloads", "", "", types=frozenset({str}))
    app.connect("env-get-outdated", _read_downloads)
    complete_each_page(app, _add_links)


def _read_downloads(
    app: Sphinx, env: BuildEnvironment, *changes: set[str]
) -> list[str]:
    """Read the downloads of each page; return the pages whose downloads changed."""
    named = app.config.bookkit_downloads
    now = json.loads(Path(named).read_text(encoding="utf-8")) if named else {}
    before = getattr(env, "bookkit_downloads", {})
    vars(env)["bookkit_downloads"] = now
    return [name for name in env.found_docs if before.get(name) != now.get(name)]


def _add_links(app: Sphinx, pagename: str, context: Context) -> None:
    offered = getattr(app.env, "bookkit_downloads", {}).get(pagename, {})
    context["bookkit_launch"] = [
        {
            "tab": tab,
            "title": title_of(app.config, tab),
            "links": _links(app, pagename, tab, offered[tab], context),
            "how": "clone" if book_of(app).repository else "alone",
            "local": _local(book_of(app), tab, offered[tab]),
        }
        for tab in app.config.bookkit_tabs
        if tab in offered
    ]
    if pagename != app.config.root_doc:
        context["bookkit_here"] = words_of(app.config, "here_")


def _local(book: Config, tab: str, place: str) -> list[str]:
    """Return the lines of a shell that run a tab's notebook on a reader's machine."""
    if book.repository:
        folder = book.repository.rpartition("/")[2].removesuffix(".git")
        clone = f"git clone {book.repository} && cd {folder}"
        return [clone, f"make TABS={tab} && make read TABS={tab}"]
    name = PurePosixPath(place).with_suffix(".ipynb").name
    install = [*book.tab(tab).install, "jupyterlab"]
    return [pip_line(install), f"jupyter lab {shlex.quote(name)}"]


def _links(
    app: Sphinx, pagename: str, tab: str, place: str, context: dict[str, Any]
) -> list[dict[str, Any]]:
    config = app.config
    is_archive = place.endswith(_ARCHIVE)
    kind = "files" if is_archive else "download"
    if pagename == config.root_doc:
        kind = "all"
    text = word(config, f"launch_{kind}").format(title=title_of(config, tab))
    address = context["pathto"](quote(f"{DOWNLOADS}/{place}"), 1)
    links = [{"text": text, "address": address, "download": True}]
    book = book_of(app)
    if pagename != config.root_doc:
        services = book.tab(tab).services
        for name, there in opened(services, book.colab, tab, pagename, is_archive):
            said = word(config, "launch_open").format(service=name)
            links.append({"text": said, "address": there})
    return links
