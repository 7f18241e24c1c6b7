"""The book's Markdown as docutils nodes: MyST's renderer, and d2lbook's words."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from markdown_it.tree import SyntaxTreeNode
from myst_parser.mdit_to_docutils.base import token_line
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from sphinx.util import logging

from bookkit.book.bibliography import LISTED
from bookkit.book.markdown.wide import WIDE
from bookkit.book.pictures import in_html, local_path
from bookkit.book.toc import fence_name, toc_of
from bookkit.site.extension.base.book import title_of
from bookkit.site.extension.cells.folded import folded_code
from bookkit.site.extension.cells.numbers import CellNumbers, code_cell
from bookkit.site.extension.cells.tabs import tab_group, tab_panel
from bookkit.site.extension.sections.solved import solution
from bookkit.site.extension.text.addresses import address_of_heading
from bookkit.site.shown.terminal import visible

_logger = logging.getLogger(__name__)
#: The names of d2lbook's words in Sphinx, where they differ.
_ROLES = {
    "eqref": "eq",
    "citet": "cite:t",
    "citep": "cite:p",
    "class": "py:class",
    "func": "py:func",
    "mod": "py:mod",
}
#: What a docutils document knows of its names, notes and transforms still to come.
_SHARED = (
    "autofootnote_refs",
    "autofootnotes",
    "citation_refs",
    "citations",
    "footnote_refs",
    "footnotes",
    "id_counter",
    "ids",
    "indirect_targets",
    "nameids",
    "nametypes",
    "refids",
    "refnames",
    "substitution_defs",
    "substitution_names",
    "symbol_footnote_refs",
    "symbol_footnotes",
    "transformer",
)
_CELL_LANGUAGE = "ipython3"
#: What scripts are told of a cell: that it is one, and how it runs, by its tags.
_CODE = "bk-code"
_TOLD = {"skip-execution": "bk-no-run", "raises-exception": "bk-raises"}
_ATTRIBUTES = re.compile(r"\{[^}]*?\.([\w+-]+)[^}]*\}")
_STRAY_SPACE = re.compile(rf"(?<=[{WIDE}]) $")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)


class SectionRenderer(SphinxRenderer):
    """Renders the tokens of `bookkit.book.markdown`, and those of `weaving`."""

    #: Makes the nodes of a cell's outputs; the parser sets it.
    outputs: Any
    solution_path: str = ""

    def setup_render(self, options: dict[str, Any], env: Any) -> None:
        super().setup_render(options, env)
        self._numbers = CellNumbers(self.document)
        self._in_solution = self._in_group = False

    def render_cell(self, token: SyntaxTreeNode) -> None:
        """Render a variant of a group, or else a cell with its number."""
        if self._in_group:
            self._render_variant(token)
            return
        cell = code_cell()
        with self.current_node_context(cell):
            self._render_variant(token)
        if cell.children:
            self._numbers.give(cell, solves=self._in_solution)
            self.current_node += cell

    def _render_variant(self, token: SyntaxTreeNode) -> None:
        variant = token.meta["variant"]
        source = visible(variant["source"])
        if source.strip():
            line = token_line(token)
            # A box ends with a line's end, which is none of the cell's.
            whole = source + "\n" if source.endswith("\n") else source
            block = self.create_highlighted_code_block(
                whole, _CELL_LANGUAGE, source=self.document["source"], line=line
            )
            block["force"] = True  # a cell need not be Python from end to end
            tags = variant.get("tags", ())
            told = [name for tag, name in _TOLD.items() if tag in tags]
            block["classes"] += [_CODE, *told]
            is_folded = "hide-input" in tags
            self.current_node += folded_code("", block) if is_folded else block
        for made in self.outputs.nodes_of(variant["outputs"]):
            self.add_line_and_source_path_r([made], token)
            self.current_node += made

    def render_tab_group(self, token: SyntaxTreeNode) -> None:
        group = tab_group()
        parent = self.current_node
        self._in_group = True
        with self.current_node_context(group):
            self.render_children(token)
        self._in_group = False
        group["kind"] = "code" if any(group.findall(nodes.literal_block)) else "text"
        panels = list(group.children)
        contents = {"".join(node.pformat() for node in one.children) for one in panels}
        tabs = {panel["tab"] for panel in panels}
        made: nodes.Element = group
        if len(contents) == 1 and tabs == set(self.sphinx_env.config.bookkit_tabs):
            made = code_cell("", *panels[0].children)
        if any(one.type == "cell" for one in token.walk()):
            self._numbers.give(made, solves=self._in_solution)
            parent += made
        else:
            parent += group if made is group else made.children

    def render_tab_panel(self, token: SyntaxTreeNode) -> None:
        tab = token.meta["tab"]
        panel = tab_panel(tab=tab, title=title_of(self.sphinx_env.config, tab))
        with self.current_node_context(panel, append=True):
            self.render_children(token)

    def render_solution(self, token: SyntaxTreeNode) -> None:
        source = self.document["source"]
        self.document["source"] = self.solution_path
        self._in_solution = True
        with self.current_node_context(solution(), append=True):
            self.render_children(token)
        self._in_solution = False
        self.document["source"] = source

    def render_heading(self, token: SyntaxTreeNode) -> None:
        before = self.current_node
        super().render_heading(token)
        if isinstance(before, tab_panel):
            _logger.warning(
                "a heading inside a tab block; move it out of the block",
                location=self._place(token),
            )

    def _place(self, token: SyntaxTreeNode) -> str:
        return f"{self.document['source']}:{token_line(token)}"

    def generate_heading_target(
        self,
        token: SyntaxTreeNode,
        level: int,
        node: nodes.Element,
        title_node: nodes.Element,
    ) -> None:
        """Let a heading be found by its labels, or else by its words."""
        self._label(token, node)
        if not node["ids"]:
            above = self._level_to_section.get(level - 1, self.document)
            around = next(iter(above["ids"]), "")
            said = title_node.astext()
            node["ids"].append(address_of_heading(self.document, said, around))
        super().generate_heading_target(token, level, node, title_node)

    def render_figure(self, token: SyntaxTreeNode) -> None:
        (image,) = token.children
        figure = nodes.figure()
        self.add_line_and_source_path(figure, token)
        with self.current_node_context(figure, append=True):
            self.render_image(image)
        if image.children:
            caption = nodes.caption()
            self.add_line_and_source_path(caption, token)
            with self.current_node_context(caption):
                for child in (image.token and image.token.children) or ():
                    child.map = list(token.map or (0, 0))
                self.render_children(image)
            figure += caption
        self._label(token, figure)

    def render_link_unknown(self, token: SyntaxTreeNode) -> None:
        try:
            super().render_link_unknown(token)
        except OSError:  # the name is too long for a file; BK302 tells
            self.render_link_url(token)

    def render_image(self, token: SyntaxTreeNode) -> None:
        super().render_image(token)
        image = self.current_node[-1]
        # The name of a file, which Markdown quotes as an address; `?raw=true` is
        # what GitHub's pages need
        image["uri"] = local_path(image["uri"]) or image["uri"]

    def render_table(self, token: SyntaxTreeNode) -> None:
        super().render_table(token)
        table = self.current_node[-1]
        if caption := token.meta.get("caption"):
            title = nodes.title()
            self.add_line_and_source_path(title, token)
            with self.current_node_context(title):
                for child in caption.children:
                    child.map = token.map
                self.render_children(SyntaxTreeNode([caption]).children[0])
            table.insert(0, title)
        self._label(token, table)

    def _label(self, token: SyntaxTreeNode, node: nodes.Element) -> None:
        """Let references find a node by its labels; each is an address, word for word.

        The first one is what Sphinx would make of it, as far as that has all its words.
        """
        names = list(token.meta.get("labels", ()))
        for name in names:
            plain = nodes.make_id(name)
            for anchor in (plain, name) if name.isascii() else (name,):
                given = anchor in self.document.ids or anchor in node["ids"]
                if anchor and not given:
                    node["ids"].append(anchor)
        node["names"] += names
        if names:
            self.document.note_explicit_target(node, node)
            self.document.nameids |= dict.fromkeys(names, node["ids"][0])

    def render_math_block(self, token: SyntaxTreeNode) -> None:
        label = token.meta.get("label")
        if not label and self.sphinx_env.config.math_number_all:
            serial = self.sphinx_env.new_serialno("sphinx.ext.math#equations")
            label = f"{self.sphinx_env.docname}:{serial}"
        if not label:
            super().render_math_block(token)
            return
        self.render_math_block_label(_with(token, info=label))

    def render_amsmath(self, token: SyntaxTreeNode) -> None:
        self.render_math_block(token)

    def render_mark(self, token: SyntaxTreeNode) -> None:
        if token.meta["name"] == "bibliography":
            text = f".. bibliography:: {token.meta['value']}\n   :style: {LISTED}\n"
            self._render_rst(token, text)

    def render_role(self, token: SyntaxTreeNode) -> None:
        name, text = token.meta["name"], token.content
        self._drop_stray_space()
        token.meta["name"] = _ROLES.get(name, name)
        at = len(self.current_node)
        try:
            self.render_myst_role(token)
        except ValueError as error:  # no bibliography has such a name
            _logger.warning("`:%s:`: %s", name, error, location=self._place(token))
            self.current_node += nodes.literal("", text)
        for made in self.current_node[at:]:
            if name in ("ref", "numref") and isinstance(made, nodes.Element):
                made["reftarget"] = text  # labels that differ in case are two

    def _drop_stray_space(self) -> None:
        """Drop the space that an author wrote because d2lbook wants one."""
        if len(self.current_node) and isinstance(self.current_node[-1], nodes.Text):
            text = _STRAY_SPACE.sub("", self.current_node[-1].astext())
            self.current_node[-1] = nodes.Text(text)

    def render_fence(self, token: SyntaxTreeNode) -> None:
        info, name = token.info.strip(), fence_name(token.info)
        if name == "toc":
            self._render_rst(token, _toctree(token.content))
        elif name == "eval_rst":
            self._render_rst(token, token.content)
        else:
            attributes = _ATTRIBUTES.fullmatch(info)
            plain = attributes[1] if attributes else info.partition(" ")[0]
            super().render_fence(_with(token, info=plain.lstrip("{").rstrip("}")))

    def _render_rst(self, token: SyntaxTreeNode, text: str) -> None:
        """Parse reStructuredText as a part of this document, not as one of its own."""
        part = new_document(self.document["source"], self.document.settings)
        part.reporter = self.reporter
        for name in _SHARED:
            setattr(part, name, getattr(self.document, name))
        Parser().parse("\n" * token_line(token) + text, part)
        self.current_node += part.children

    def render_html_block(self, token: SyntaxTreeNode) -> None:
        text = _COMMENT.sub("", token.content)
        for shown in in_html(text, 1):
            if path := local_path(shown.address):
                # Blanks as the directive wants them that MyST makes of it
                text = text.replace(shown.address, path.replace(" ", r"\ "))
        if text.strip():
            super().render_html_block(_with(token, content=text))

    def render_html_inline(self, token: SyntaxTreeNode) -> None:
        self.render_html_block(token)

    def render_s(self, token: SyntaxTreeNode) -> None:
        self.current_node.append(nodes.raw("", "<s>", format="html"))
        self.render_children(token)
        self.current_node.append(nodes.raw("", "</s>", format="html"))


def _with(node: SyntaxTreeNode, **changes: Any) -> SyntaxTreeNode:
    """Return a leaf of the tree as if its token were another."""
    assert node.token is not None
    return SyntaxTreeNode([node.token.copy(**changes)]).children[0]


def _toctree(content: str) -> str:
    """Return a list of pages as reStructuredText has it."""
    toc = toc_of(content)
    entries = (entry for _, entry in toc.entries)
    rows = textwrap.indent("\n".join([*toc.options, "", *entries]), "   ")
    return f".. toctree::\n{rows}\n"
