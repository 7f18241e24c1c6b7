"""Citations in the book's language, and an accessible list of works cited.

docutils gives the entries a deprecated role, which no list may have. An entry without
a single Han character, in a book full of them, is about a work in English, as most are.
The text cites in the book's language: authors are joined by its words and stand in its
brackets, in Chinese without space around them. The list stays as its style writes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from bookkit.book.bibliography import (
    LISTED,
    Unreadable,
    is_nameless,
    read_entries,
)
from bookkit.site.extension.base.book import words_of
from bookkit.site.sphinx_internals import CITATION, CITATION_ROLE

_logger = logging.getLogger(__name__)
_HAN = re.compile("[\u4e00-\u9fff]")
#: d2lbook's own style, by the name that its configuration gives it.
ROUND = "author_year_round"
_STYLES = "sphinxcontrib.bibtex.style.referencing"


def setup(app: Sphinx) -> None:
    app.add_node(
        nodes.citation, override=True, html=(_visit, HTML5Translator.depart_citation)
    )
    # Before those who read them.
    app.connect("config-inited", _leave_out_unreadable, priority=100)
    # After our words are known.
    app.connect("config-inited", _word_style, priority=200)
    app.connect("builder-inited", _complete)
    app.connect("doctree-resolved", _draw_near)


def _leave_out_unreadable(app: Sphinx, config: Config) -> None:
    """Tell of a bibliography that cannot be read, and do without."""
    if "bibtex_bibfiles" not in config.values:
        return
    for name in list(config.bibtex_bibfiles):
        path = Path(app.confdir, name)
        try:
            read_entries(path)
        except Unreadable as error:
            place = f"{path}:{error.line}"
            said = "the bibliography cannot be read: %s"
            _logger.warning(said, error, location=place)
            config.bibtex_bibfiles = [
                one for one in config.bibtex_bibfiles if one != name
            ]


def _complete(app: Sphinx) -> None:
    """Let entries be listed that would end the build.

    The style knows few kinds of works: others, as BibLaTeX's `online`, are `misc`. What
    has neither people nor title is cited by its key; the check tells of it.
    """
    domain: Any = app.env.domains.get("cite")
    if domain is None:  # a book with extensions of its own choice
        return
    from pybtex.plugin import find_plugin

    style = find_plugin("pybtex.style.formatting", LISTED)
    for entry in domain.bibdata.data.entries.values():
        if not hasattr(style, f"get_{entry.type}_template"):
            entry.type = "misc"
        if is_nameless(entry):
            entry.fields["title"] = entry.key


def _is_chinese(app: Sphinx | HTML5Translator) -> bool:
    return str(app.config.language).startswith("zh")


def _word_style(app: Sphinx, config: Config) -> None:
    """Translate the words of the book's citation style."""
    name = getattr(config, "bibtex_reference_style", None)
    if name is None:
        return
    from sphinxcontrib.bibtex import plugin

    if name == ROUND:
        plugin.register_plugin(_STYLES, name, _round_style(), force=True)
    style = plugin.find_plugin(_STYLES, name)
    # A process that builds again finds the class that it made before.
    style = getattr(style, "bookkit_base", style)
    if {"person", "author_year_sep"} <= {one.name for one in fields(style)}:
        worded = _worded(style, words_of(config, "cite_"))
        plugin.register_plugin(_STYLES, name, worded, force=True)


def _round_style() -> type[Any]:
    """Return d2lbook's style: author and year, in round brackets."""
    from sphinxcontrib.bibtex.style.referencing import BracketStyle
    from sphinxcontrib.bibtex.style.referencing.author_year import (
        AuthorYearReferenceStyle,
    )

    def brackets() -> BracketStyle:
        return BracketStyle(left="(", right=")")

    @dataclass
    class RoundStyle(AuthorYearReferenceStyle):
        bracket_parenthetical: BracketStyle = field(default_factory=brackets)
        bracket_textual: BracketStyle = field(default_factory=brackets)
        bracket_author: BracketStyle = field(default_factory=brackets)
        bracket_label: BracketStyle = field(default_factory=brackets)
        bracket_year: BracketStyle = field(default_factory=brackets)

    return RoundStyle


def _worded(style: type[Any], words: dict[str, str]) -> type[Any]:
    from sphinxcontrib.bibtex.style.referencing import PersonStyle

    def persons() -> PersonStyle:
        return PersonStyle(
            sep=words["names"],
            sep2=words["two"],
            last_sep=words["last"],
            other=words["others"],
        )

    @dataclass
    class Worded(style):  # type: ignore[misc]
        person: PersonStyle = field(default_factory=persons)
        author_year_sep: str = words["year"]
        text_reference_sep: str = words["text"]

        def __post_init__(self) -> None:
            for one in fields(self):
                if one.name.startswith("bracket_"):
                    _word_brackets(getattr(self, one.name), words)
            super().__post_init__()

    Worded.bookkit_base = style
    return Worded


def _word_brackets(bracket: Any, words: dict[str, str]) -> None:
    bracket.sep = words["works"]
    # Square brackets are an author's wish.
    if bracket.left == "(":
        bracket.left, bracket.right = words["left"], words["right"]


def _draw_near(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for inline in doctree.findall(nodes.inline) if _is_chinese(app) else ():
        text = inline.astext()
        if CITATION not in inline["classes"] or not text.startswith("（"):
            continue
        place = inline.parent.index(inline)
        before = inline.parent[place - 1] if place else None
        if isinstance(before, nodes.Text):
            inline.parent[place - 1] = nodes.Text(before.rstrip())


def _visit(translator: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.visit_citation(translator, node)
    is_foreign = _is_chinese(translator) and not _HAN.search(node.astext())
    attributes = 'role="listitem"' + (' lang="en"' if is_foreign else "")
    translator.body[-1] = translator.body[-1].replace(CITATION_ROLE, attributes)
