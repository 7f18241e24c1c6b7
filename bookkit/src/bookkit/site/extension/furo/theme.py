"""What Furo's page lacks for all readers: words in their language, and names of parts.

Furo writes these into its templates, where no option and no block reaches them. What
is not found there any more is warned of: the theme changed, and this must follow.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.util import logging

from bookkit.site.extension.base.book import words_of
from bookkit.site.extension.base.page_context import Context, complete_each_page

_logger = logging.getLogger(__name__)
_SKIP_LINK = re.compile(r'<a class="skip-to-content.*?</a>', re.DOTALL)
_SCRIPT_END = "</script>"
# Where storage is blocked, asking for it throws, and no scheme was set at all.
_SCHEME = re.compile(
    r"<script>\s*"
    r'document\.body\.dataset\.theme = (localStorage\.getItem\("theme"\)) \|\| "auto";'
    r"\s*</script>"
)
_SAFE_SCHEME = (
    '<script>{let kept="";try{kept=\\1}catch{}'
    'document.body.dataset.theme=kept||"auto"}</script>'
)
_EXPANDER = re.compile(r'aria-label="Toggle navigation of ([^"]*)"')
# What of the page is replaced by what; `{name}` is a word for readers.
_REPLACED = {
    'aria-label="Toggle site navigation sidebar"': 'aria-label="{drawer_book}"',
    'aria-label="Toggle table of contents sidebar"': 'aria-label="{drawer_page}"',
    'aria-label="Toggle Light / Dark / Auto color theme"': 'aria-label="{theme}"',
    '<aside class="sidebar-drawer': '<aside aria-label="{book}" class="sidebar-drawer',
    '<aside class="toc-drawer': '<aside aria-label="{page}" class="toc-drawer',
    '<div class="toc-tree"': (
        '<div role="navigation" aria-label="{page}" class="toc-tree"'
    ),
    '<div class="related-pages"': (
        '<div role="navigation" aria-label="{near}" class="related-pages"'
    ),
    '<a class="current reference internal" href="#"': (
        '<a aria-current="page" class="current reference internal" href="#"'
    ),
}
_ICON_STYLES = {
    'style="display: none;"': 'class="bk-icons" aria-hidden="true"',
    'style="opacity: 50%"': 'opacity="0.5"',
}
# Of links to an editor, which Furo shows for sites that it knows.
_UNUSED_ICON = re.compile(r'\s*<symbol id="svg-(?:pencil|eye)".*?</symbol>', re.DOTALL)
_ICON_TITLE = re.compile(r"\s*<title>.*?</title>")
# What only a drawing that is a file of its own needs, and what nothing styles.
_ICON_NOTES = re.compile(r'\s+(?:xmlns="[^"]*"|class="(?:feather|icon)-[^"]*")')
_ICON_END = re.compile(r"\s*(?:></(?:circle|line|path|polyline)>|/>)")
# Pages without headings have no tree of them, and some are not in the book's tree.
_SOMETIMES = (
    '<div class="toc-tree"',
    '<a class="current reference internal" href="#"',
)


def setup(app: Sphinx) -> None:
    complete_each_page(app, _add)


def _add(app: Sphinx, pagename: str, context: Context) -> None:
    words = words_of(app.config, "theme_")
    context["bookkit_theme"] = words
    context["bookkit_own"] = lambda body: _own(str(body), words)
    context["bookkit_icons"] = _icons


def _icons(icons: str) -> str:
    """Say by attributes what Furo says by inline styles; leave out the titles."""
    for style, attributes in _ICON_STYLES.items():
        icons = icons.replace(style, attributes)
    icons = _UNUSED_ICON.sub("", _ICON_TITLE.sub("", icons))
    return _ICON_END.sub("/>", _ICON_NOTES.sub("", icons))


def _own(body: str, words: dict[str, str]) -> str:
    for found, wanted in _REPLACED.items():
        if found not in body and found not in _SOMETIMES:
            _logger.warning("Furo's page has no %r any more", found)
        body = body.replace(found, wanted.format_map(words))
    body = _EXPANDER.sub(rf'aria-label="{words["expand"]}\1"', body)
    body, scripts = _SCHEME.subn(_SAFE_SCHEME, body)
    if not scripts:
        _logger.warning("Furo's page does not set its scheme as it did")
    return _skip_link_first(body)


def _skip_link_first(body: str) -> str:
    """Put it before the boxes that open the drawers: it is for who goes by keyboard."""
    link = _SKIP_LINK.search(body)
    if link is None:
        return body
    rest = body[: link.start()] + body[link.end() :]
    return rest.replace(_SCRIPT_END, f"{_SCRIPT_END}\n{link[0]}", 1)
