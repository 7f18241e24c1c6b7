"""What we use of Sphinx, docutils and Pygments beyond their documented interfaces.

Names that they do not document, things of theirs that we replace, and the HTML that
they write. Each entry says why it is needed, which upstream issue it waits for, and
when it may go. Other modules import entries from here, so that there is one file to
look at for a new version of theirs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # whoever only wants the names below need not import Sphinx
    from sphinx.application import Sphinx
    from sphinx.project import Project

# The names `Sphinx` in `sphinx.cmd.build` and `Project` in `sphinx.application`.
# Why: `sphinx-build` reads its arguments, sets up its log and reports errors only for
#   an application that it makes itself; ours waits before it builds. And what finds
#   the pages is asked before an application could get another one.
# Upstream: no issue found; would be: arguments of `build_main` for the classes.
# May go: with these arguments, or when one Sphinx serves many builds.


def run_sphinx_build(
    kind: type[Sphinx], project: type[Project], arguments: list[str]
) -> int:
    """Run `sphinx-build` with classes of ours; return its exit code."""
    from sphinx import application
    from sphinx.cmd import build

    vars(build)["Sphinx"] = kind
    vars(application)["Project"] = project
    return int(build.main(arguments))


# `builder.templates.environment`, which builders with HTML templates have.
# Why: to keep compiled templates from build to build (0.1 s of CPU of each), and to ask
#   Sphinx's own translations after ours.
# Upstream: no issue found; would be: an option for Jinja's bytecode cache. For the
#   translations see `furo_internals`.
# May go: with that option, and with translations in Furo.


def template_environment(app: Sphinx) -> Any:
    """Return Jinja's environment, None for builders without templates."""
    return getattr(getattr(app.builder, "templates", None), "environment", None)


# The table of CSS classes that Pygments' formatter for HTML asks.
# Why: a kind of mark without a class gets no element; those that have the colour of
#   text are half of the size of a page of code.
# Upstream: https://github.com/pygments/pygments/issues/1226 (open)
# May go: with an option for it.


def leave_unmarked(*kinds: Any) -> None:
    """Let Pygments write no elements around these kinds of marks, in this process."""
    from pygments.token import STANDARD_TYPES

    STANDARD_TYPES.update(dict.fromkeys(kinds, ""))


# The method of Sphinx's highlighter that finds a lexer.
# Why: lexers leave out empty lines at both ends of a text, and the page must show a
#   cell as it is. The setting `highlight_options` is for languages named one by one.
# Upstream: no issue found; would be: a default for all languages in that setting.
# May go: with that default.


def keep_empty_lines(highlighter: Any) -> None:
    """Let a highlighter show empty lines at the beginning and at the end."""
    usual = highlighter.get_lexer

    def get_lexer(source: str, lang: str, opts: Any = None, *others: Any) -> Any:
        return usual(source, lang, {"stripnl": False, **(opts or {})}, *others)

    highlighter.get_lexer = get_lexer


# The two boxes around a block of code, and what Pygments puts before the code.
# Why: the outer one says the language, for which we have no use, and that code is not
#   to be translated; style sheets know the inner one.
# Upstream: https://github.com/sphinx-doc/sphinx/issues/49 and
#   https://github.com/pygments/pygments/issues/961 (both closed as wontfix)
# May go: when our style sheets take both boxes.
CODE_BOXES = re.compile(
    r'(<div\b[^>]*\bclass="(?:[^"]* )?)highlight-[^" ]+( [^>]*>)'
    r'<div class="highlight">(.*)</div>\n</div>\n',
    re.DOTALL,
)
EMPTY_MARK = "<pre><span></span>"

# The element around each word of code in a sentence.
# Why: 4.8 kB of the heaviest page, for a rule of a style sheet that Furo does not use.
# Upstream: no issue found; would be: no such element where the text may break anyway.
# May go: when Sphinx does not write it.
WORD_MARK = re.compile(r'<span class="pre">([^<]*)</span>')

# How code in a sentence begins.
# Why: the class that everything of docutils has is 2.6 kB of the heaviest page.
# Upstream: nothing to ask for.
# May go: with more room on that page.
WORDY_CODE = '<code class="docutils literal '

# The role of an entry in the list of works cited.
# Why: no list may have it; https://github.com/w3c/dpub-aria/pull/22 deprecates it.
# Upstream: docutils, at SourceForge; would be: `role="listitem"` instead.
# May go: when docutils writes another role.
CITATION_ROLE = 'role="doc-biblioentry"'

# The tag of docutils that the theme has as well.
# Why: a page has one viewport.
# Upstream: https://github.com/sphinx-doc/sphinx/issues/11699 (closed; Sphinx 9.0 still
#   passes it on)
# May go: when a page without it has one such tag.
VIEWPORT_TAG = re.compile(r'<meta name="viewport"[^>]*>\n?')

# The class of a citation by sphinxcontrib-bibtex.
# Why: citations in Chinese stand without a space before them.
# Upstream: https://github.com/mcmtroffaes/sphinxcontrib-bibtex/issues/72 (closed)
# May go: with citations in the book's language.
CITATION = "bibtex-citation"

# An entry of a contents list, or a card of ours.
# Why: it says which frameworks its page lacks; Sphinx makes these lists as HTML.
# Upstream: no issue found; would be: an event for each entry of such a list.
# May go: with that event.
CONTENTS_ENTRY = re.compile(
    r'(?P<link><li class="(?:toctree-l|bk-card)[^>]*>(?:<p[^>]*>)?'
    r'<a [^>]*href="(?P<href>[^"]*)".*?)</a>'
)

# A line of the file that the option `-w` writes.
# Why: warnings about generated files are told of the author's own lines.
# Upstream: no issue found; would be: warnings as JSON.
# May go: with these.
WARNING = re.compile(
    r"^(?:(?P<path>.+?\.\w+)(?::(?P<line>\d+))?: )?"
    r"(?P<level>WARNING|ERROR|SEVERE|CRITICAL): (?P<message>.*)$"
)

# Pages that no source stands for, and notes of no use to a reader.
# Why: Sphinx leaves what it made of a section that is gone.
# Upstream: https://github.com/sphinx-doc/sphinx/issues/14327 (open)
# May go: when it deletes these itself.
OWN_PAGES = {"404.html", "genindex.html", "search.html", "py-modindex.html"}
OWN_FOLDERS = {"_static", "_images", "_sources", "_downloads", "_modules", "_previews"}
NOTES = {".buildinfo", ".buildinfo.bak", ".doctrees"}

# Files below `_static` of Sphinx's own search, highlighting and base theme.
# Why: no page of ours needs them.
# Upstream: https://github.com/sphinx-doc/sphinx/issues/2037 (closed, without an option)
# May go: with an option not to load and not to publish them.
LOADED_FILES = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "translations.js",
    "pygments.css",  # our own sheet has the colours of code
)
OTHER_FILES = (
    "basic.css",
    "file.png",
    "language_data.js",
    "minus.png",
    "plus.png",
    "searchtools.js",
)
