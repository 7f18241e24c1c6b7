"""References by number: to figures, tables, sections, and in other words to chapters.

Sphinx has one format for sections of every depth; `第1章` and `1.1节` need two
(https://github.com/sphinx-doc/sphinx/issues/3209). It also reads the whole page that a
reference leads to from disk, for each reference; what is needed of it is kept here.
"""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import clean_astext, make_refnode

from bookkit.site.extension.base.per_page import PerPage

#: Of a page, by the anchor of a label: kind of its node, first anchor, title.
_LABELLED = PerPage("labelled")
_KINDS = ("numref", "ref")


def setup(app: Sphinx) -> None:
    app.add_config_value("bookkit_chapter_format", "", "env", types=str)
    _LABELLED.setup(app)
    app.connect("doctree-read", _keep_labels)
    app.add_post_transform(NumberedReferences)


def _keep_labels(app: Sphinx, doctree: nodes.document) -> None:
    domain = app.env.domains.standard_domain
    found: dict[str, tuple[str, str, str]] = {}
    for name, is_explicit in doctree.nametypes.items():
        anchor = doctree.nameids.get(name)
        node = doctree.ids.get(anchor) if is_explicit and anchor else None
        kind = domain.get_enumerable_node_type(node) if node is not None else None
        if anchor and node is not None and kind:
            said = domain.get_numfig_title(node) if kind != "section" else None
            title = said or clean_astext(node[0])
            found[anchor] = kind, node["ids"][0], title
    _LABELLED.of(app.env)[app.env.docname] = found


class NumberedReferences(SphinxPostTransform):
    """Resolve references by number; of what leads nowhere Sphinx warns."""

    default_priority = 8  # before Sphinx's and MyST's

    def run(self, **kwargs: object) -> None:
        domain = self.env.domains.standard_domain
        for node in list(self.document.findall(addnodes.pending_xref)):
            if node.get("refdomain") == "std" and node["reftype"] in _KINDS:
                self._resolve(node, domain)

    def _resolve(self, node: addnodes.pending_xref, domain: StandardDomain) -> None:
        known, target = domain.anonlabels, node["reftarget"]
        if target not in known and target.lower() in known:
            target = node["reftarget"] = target.lower()  # as reStructuredText has it
        if target not in known or node["reftype"] != "numref":
            return
        page, anchor = known[target]
        labelled = _LABELLED.of(self.env).get(page, {})
        if anchor not in labelled or node.get("refexplicit"):
            return
        kind, first, title = labelled[anchor]
        text = self._text(kind, self._number(page, kind, first), title)
        inner = nodes.inline(text, text, classes=["std", "std-numref"])
        refdoc = node.get("refdoc", self.env.docname)
        link = make_refnode(self.app.builder, refdoc, page, anchor, inner)
        node.replace_self(link)

    def _number(self, page: str, kind: str, anchor: str) -> tuple[int, ...]:
        if kind == "section":
            numbers = self.env.toc_secnumbers.get(page, {})
            return tuple(numbers.get(f"#{anchor}") or numbers.get("") or ())
        counted = self.env.toc_fignumbers.get(page, {}).get(kind, {})
        return tuple(counted.get(anchor, ()))

    def _text(self, kind: str, number: tuple[int, ...], title: str) -> str:
        wording = self.config.numfig_format.get(kind, "")
        if kind == "section" and len(number) == 1:
            wording = self.config.bookkit_chapter_format or wording
        if not number or not wording:
            return title
        said = ".".join(map(str, number))
        if "%s" in wording:
            return str(wording % said)
        return str(wording.format(name=title, number=said))
