"""Addresses of what nobody labelled: made of words, where docutils would count.

`#id2` leads elsewhere as soon as something is added above. A heading has the words of
its title; if another on the page has them, those of the heading around it come before.
A figure has its picture's name, a table its caption's words, an exercise its number.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from docutils import nodes
from myst_parser.slugs import github_slugify
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from bookkit.site.sphinx_internals import CITATION

_COUNTED = re.compile(r"id\d+")


def setup(app: Sphinx) -> None:
    app.add_transform(Addresses)


def address_of_heading(document: nodes.document, title: str, around: str) -> str:
    """Return the address of a heading that has no label, and is in another's section.

    `around` is the address of that one, "" if there is none.
    """
    words = github_slugify(title)
    if around and (not words or words in document.ids):
        words = f"{around}-{words or 'section'}"
    return free(document, words or "section")


def free(document: nodes.document, wanted: str) -> str:
    """Return an address, with a number behind it if it is taken."""
    address, count = wanted, 1
    while address in document.ids:
        count += 1
        address = f"{wanted}-{count}"
    return address


class Addresses(SphinxTransform):
    """Rename what docutils counted, once all references within the page are known."""

    default_priority = 860  # before Sphinx takes down what there is

    def apply(self, **kwargs: object) -> None:
        document = self.document
        renamed: dict[str, str] = {}
        for node in document.findall(nodes.Element):
            for at, old in enumerate(node["ids"]):
                if _COUNTED.fullmatch(old) and old not in renamed:
                    new = free(document, self._wanted(node))
                    node["ids"][at] = renamed[old] = new
                    document.ids[new] = document.ids.pop(old, node)
        if renamed:
            self._follow(renamed)

    def _wanted(self, node: nodes.Element) -> str:
        if isinstance(node, nodes.section):
            parent = node.parent["ids"] if node.parent is not None else []
            title = node.next_node(nodes.title)
            said = title.astext() if title is not None else ""
            return address_of_heading(self.document, said, next(iter(parent), ""))
        if isinstance(node, nodes.figure):
            image = node.next_node(nodes.image)
            if image is not None and not image["uri"].startswith("data:"):
                return github_slugify(PurePosixPath(image["uri"]).stem) or "figure"
        if isinstance(node, nodes.table):
            title = node.next_node(nodes.title)
            if title is not None:
                return github_slugify(title.astext()) or "table"
        if isinstance(node, nodes.footnote):
            return f"note-{github_slugify(''.join(node['names'])) or 1}"
        if isinstance(node, nodes.footnote_reference):
            note = self.document.ids.get(node.get("refid", ""))
            names = note["names"] if note is not None else []
            return f"note-{github_slugify(''.join(names)) or 1}-from"
        if CITATION in node["classes"] or "reftarget" in node:
            return f"cited-{nodes.make_id(node.get('reftarget', '')) or 1}"
        return str(node.tagname).replace("_", "-")

    def _follow(self, renamed: dict[str, str]) -> None:
        """Let whatever led to the old addresses lead to the new ones."""
        document = self.document
        for name, address in document.nameids.items():
            document.nameids[name] = renamed.get(address or "", address)
        for node in document.findall(nodes.Element):
            if node.get("refid") in renamed:
                node["refid"] = renamed[node["refid"]]
            if node.get("backrefs"):
                node["backrefs"] = [renamed.get(one, one) for one in node["backrefs"]]
        for old, new in renamed.items():
            if old in document.refids:
                document.refids[new] = document.refids.pop(old)
        if "cite" in self.env.domains:
            cited = self.env.domains["cite"].citation_refs  # type: ignore[attr-defined]
            for at, one in enumerate(cited):
                if one.docname == self.env.docname and one.citation_ref_id in renamed:
                    new = renamed[one.citation_ref_id]
                    cited[at] = one._replace(citation_ref_id=new)
