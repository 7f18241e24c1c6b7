"""What links lead to, in few words: shown beside a link before it is followed.

A script for each page, `_previews/PAGE.js`, says for each of its addresses what is
there. Pages bring it when a reader comes to a link that leads to it, and not before: a
script, because pages that were opened as files may not fetch, and others must not.
What is another thing in each framework stands under the framework's name.
"""

from __future__ import annotations

import functools
import json
import os
import re
import zlib
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config

from bookkit.book.formulas import FormulaError, mathml
from bookkit.files import write_whole
from bookkit.library.modules import Entry, alias_of, read_module
from bookkit.site.extension.base.compact import compact
from bookkit.site.extension.base.page_context import Context
from bookkit.site.extension.base.settings import book_of
from bookkit.site.extension.cells.saved_names import anchors_of, modules

FOLDER = "_previews"
_FILES = {"script": "previews.js", "sheet": "previews.css"}
#: What is there: HTML, by framework where it differs.
Preview = str | dict[str, str]
_HAN = re.compile("[\u4e00-\u9fff]")
_TAGS: dict[type[nodes.Node], str] = {
    nodes.literal: "code",
    nodes.strong: "strong",
    nodes.emphasis: "em",
}
_SILENT = (nodes.raw, nodes.comment, nodes.system_message, nodes.label)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _add_files, priority=900)
    app.connect("html-page-context", _write)
    app.connect("build-finished", _clean)


def addresses() -> dict[str, str]:
    """Return where script and style sheet are, from the top of the site."""
    found = {kind: (name, _read(name)) for kind, name in _FILES.items()}
    return {
        kind: f"_static/bookkit-{name}?v={zlib.crc32(text.encode()):08x}"
        for kind, (name, text) in found.items()
    }


def _read(name: str) -> str:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return compact(text)


def _add_files(app: Sphinx, config: Config) -> None:
    folder = Path(app.doctreedir) / "bookkit-previews"
    for name in _FILES.values():
        write_whole(folder / f"bookkit-{name}", _read(name))
    config.html_static_path = [*config.html_static_path, str(folder)]


def _path(app: Sphinx, docname: str) -> Path:
    return Path(app.outdir) / FOLDER / f"{docname}.js"


def _write(
    app: Sphinx,
    pagename: str,
    templatename: str,
    context: Context,
    doctree: nodes.document | None,
) -> None:
    """Write a page's file; by now its pictures are where readers find them."""
    if doctree is None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    found: dict[str, Preview] = {}
    for node, said in _said(doctree):
        found |= dict.fromkeys(node["ids"], said) if said else {}
    first = doctree.next_node(nodes.section)
    if first is not None:
        found[""] = _section(first)
    found |= dict(_definitions(app, pagename))
    named, told = (json.dumps(one, ensure_ascii=False) for one in (pagename, found))
    write_whole(_path(app, pagename), f"bookkitPreview({named},{told});\n")


def _clean(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        kept = {_path(app, docname) for docname in app.env.found_docs}
        for path in (Path(app.outdir) / FOLDER).rglob("*.js"):
            if path not in kept:
                path.unlink()


def _said(doctree: nodes.document) -> Iterator[tuple[nodes.Element, str]]:
    """Yield what has an address, with what is there."""
    for node in doctree.findall(nodes.Element):
        if not node["ids"]:
            continue
        if isinstance(node, nodes.section):
            yield node, _section(node)
        elif isinstance(node, nodes.figure):
            yield node, _figure(node)
        elif isinstance(node, nodes.math_block):
            yield node, _formula(node.astext(), block=True)
        elif isinstance(node, nodes.citation):
            # Titles of works in English are set in italics, Han characters never
            lang = "" if _HAN.search(node.astext()) else ' lang="en"'
            yield node, _paragraph(node).replace("<p", f"<p{lang}", 1)
        elif isinstance(node, (nodes.footnote, nodes.list_item)):
            yield node, _paragraph(node)
        elif isinstance(node, nodes.term) and node.parent is not None:
            yield node, _paragraph(node.parent)


def _section(section: nodes.section) -> str:
    title = section.next_node(nodes.title)
    heading = f"<p><strong>{_inline(title)}</strong></p>" if title is not None else ""
    texts = (one for one in section.children if isinstance(one, nodes.paragraph))
    return heading + "".join(f"<p>{_inline(one)}</p>" for one in list(texts)[:1])


def _paragraph(node: nodes.Element) -> str:
    text = node.next_node(nodes.paragraph)
    return f"<p>{_inline(text)}</p>" if text is not None else ""


def _figure(figure: nodes.figure) -> str:
    image, caption = figure.next_node(nodes.image), figure.next_node(nodes.caption)
    if image is None or image["uri"].startswith("data:"):
        return ""
    # Sphinx has put the address into the node that it wrote, relative to the page.
    address = image["uri"][image["uri"].find("_images/") :]
    attributes = {"src": address, "alt": image.get("alt", "")}
    attributes |= {one: image[one] for one in ("width", "height") if one in image}
    attributes["class"] = " ".join(image["classes"])
    shown = "".join(f' {key}="{escape(text)}"' for key, text in attributes.items())
    said = _inline(caption) if caption is not None else ""
    return f"<figure><img{shown}><figcaption>{said}</figcaption></figure>"


def _definitions(app: Sphinx, docname: str) -> Iterator[tuple[str, Preview]]:
    """Yield what the saved functions of a page say of themselves."""
    named = modules(app)
    found: dict[str, dict[str, str]] = {}
    for tab, anchors in anchors_of(app.env, docname).items():
        path = book_of(app).tab(tab).library
        if path is None or not os.path.isfile(path):
            continue
        offered = _offered(path, path.stat().st_mtime_ns)
        for name, anchor in anchors.items():
            if entry := offered.get(name):
                call = f"{alias_of(named[tab])}.{entry.signature}"
                said = entry.docstring.partition("\n\n")[0]
                text = f"<pre>{escape(call)}</pre><p>{escape(said)}</p>"
                found.setdefault(anchor, {})[tab] = text
    yield from found.items()


@functools.cache
def _offered(path: Path, time: int) -> dict[str, Entry]:
    return {entry.name: entry for entry in read_module(path)}


def _inline(node: nodes.Element) -> str:
    """Return the HTML of a text without its links, which nobody could follow."""
    return "".join(map(_piece, node.children))


def _piece(node: nodes.Node) -> str:
    if isinstance(node, nodes.Text):
        return escape(node.astext(), quote=False)
    if isinstance(node, nodes.math):
        return _formula(node.astext(), block=False)
    if isinstance(node, _SILENT) or not isinstance(node, nodes.Element):
        return ""
    tag = _TAGS.get(type(node))
    return f"<{tag}>{_inline(node)}</{tag}>" if tag else _inline(node)


def _formula(source: str, *, block: bool) -> str:
    try:
        return mathml(source, block=block)
    except FormulaError:
        return f"<code>{escape(source)}</code>"
