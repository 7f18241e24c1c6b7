"""A chapter's page: a card for each section, instead of the same list twice.

Where a chapter's text has a list whose items each begin with a reference to a
section of its table of contents, the items become cards: the section's title, what
the text says of it, how long it takes. A table of contents all of whose sections
have cards is not shown below them; Sphinx still has it.
"""

from __future__ import annotations

import re
from typing import cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.transforms import SphinxTransform

from bookkit.site.extension.page.durations import duration_of, duration_text

#: The label that a list item begins with.
_LABEL = "bk-label"
# What joins a reference to what is said of the section.
_JOINT = re.compile(r"^[\s:,\uff1a\uff0c\u3001\u2014-]+")


def setup(app: Sphinx) -> None:
    app.add_transform(FindItems)
    # Before the search takes down what the page says.
    app.connect("doctree-resolved", _make_cards)


class FindItems(SphinxTransform):
    """Note which label a list item begins with, while references still tell it."""

    default_priority = 9

    def apply(self, **kwargs: object) -> None:
        for item in self.document.findall(nodes.list_item):
            if len(item) and isinstance(item[0], nodes.paragraph) and len(item[0]):
                first = item[0][0]
                if (
                    isinstance(first, addnodes.pending_xref)
                    and first.get("refdomain") == "std"
                ):
                    item[_LABEL] = first["reftarget"].lower()


def _make_cards(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    included = app.env.toctree_includes.get(docname, [])
    covered: set[str] = set()
    for row in doctree.findall(nodes.bullet_list):
        targets = [_section_of(app, item) for item in row.children]
        if not targets or not all(target in included for target in targets):
            continue
        row["classes"].append("bk-cards")
        for item, target in zip(row.children, targets, strict=True):
            _make_card(app, cast(nodes.list_item, item), docname, cast(str, target))
            covered.add(cast(str, target))
    for toctree in list(doctree.findall(addnodes.toctree)):
        if covered and covered >= {target for _, target in toctree["entries"]}:
            box = toctree.parent
            assert box is not None and box.parent is not None
            box.parent.remove(box)


def _section_of(app: Sphinx, item: nodes.Node) -> str | None:
    label = item.get(_LABEL) if isinstance(item, nodes.list_item) else None
    domain = cast(StandardDomain, app.env.get_domain("std"))
    docname, _ = domain.anonlabels.get(label or "", (None, ""))
    return docname


def _make_card(app: Sphinx, item: nodes.list_item, docname: str, target: str) -> None:
    text = cast(nodes.paragraph, item[0])
    text.pop(0)
    if len(text) and isinstance(text[0], nodes.Text):
        said = _JOINT.sub("", text[0].astext())
        text.replace(text[0], nodes.Text(said[:1].upper() + said[1:]))
    text["classes"].append("bk-card-text")
    link = nodes.reference(
        "",
        "",
        *_title(app, target),
        internal=True,
        refuri=app.builder.get_relative_uri(docname, target),
        classes=["bk-card-link"],
    )
    title = nodes.paragraph("", "", link, classes=["bk-card-title"])
    item["classes"].append("bk-card")
    item.insert(0, title)
    duration = duration_of(app.env, target)
    if duration:
        said = duration_text(app.config, duration)
        item.append(nodes.paragraph(said, said, classes=["bk-card-facts"]))


def _title(app: Sphinx, target: str) -> list[nodes.Node]:
    """Return the title as other lists of contents have it, with its number."""
    number = app.env.toc_secnumbers.get(target, {}).get("", ())
    title = [child.deepcopy() for child in app.env.titles[target].children]
    if not number:
        return title
    said = ".".join(map(str, number)) + app.config.html_secnumber_suffix
    return [nodes.inline(said, said, classes=["section-number"]), *title]
