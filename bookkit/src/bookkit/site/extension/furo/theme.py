"""Furo's page in the book's language: its words, names of its parts; safe scripts.

Furo ships no translations, and writes names and scripts into its templates, where no
option and no block reaches them. A string that is not found any more causes a warning:
the theme changed.
"""

from __future__ import annotations

from collections.abc import Callable

from sphinx.application import Sphinx
from sphinx.util import logging

from bookkit.site.extension.base.book import language_of, words_of
from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.furo.furo_internals import (
    EXPANDER,
    ICON_STYLES,
    ICON_TITLE,
    NOT_ON_EVERY_PAGE,
    REPLACED,
    SAFE_SCHEME,
    SCHEME,
    SCRIPT_END,
    SKIP_LINK,
    TRANSLATIONS,
)
from bookkit.site.sphinx_internals import template_environment

_logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    complete_each_page(app, _add)


def _add(app: Sphinx, pagename: str, context: Context) -> None:
    words = words_of(app.config, "theme_")
    context["bookkit_theme"] = words
    context["bookkit_rewritten"] = lambda body: _rewritten(str(body), words)
    context["bookkit_icons"] = _icons
    known = TRANSLATIONS.get(language_of(app.config))
    if known:
        context["_"] = context["gettext"] = _translated(app, known)


def _translated(app: Sphinx, known: dict[str, str]) -> Callable[..., str]:
    original = template_environment(app).globals["gettext"]

    def gettext(message: str, **values: object) -> str:
        text = known.get(" ".join(message.split()))
        return str(original(message)) if text is None else text

    return gettext


def _icons(icons: str) -> str:
    """Replace inline styles by attributes, and leave out the titles."""
    for style, attributes in ICON_STYLES.items():
        icons = icons.replace(style, attributes)
    return ICON_TITLE.sub("", icons)


def _rewritten(body: str, words: dict[str, str]) -> str:
    for found, wanted in REPLACED.items():
        if found not in body and found not in NOT_ON_EVERY_PAGE:
            _logger.warning("Furo's page has no %r any more", found)
        body = body.replace(found, wanted.format_map(words))
    body = EXPANDER.sub(rf'aria-label="{words["expand"]}\1"', body)
    body, scripts = SCHEME.subn(SAFE_SCHEME, body)
    if not scripts:
        _logger.warning("Furo's page does not set its scheme as it did")
    return _skip_link_first(body)


def _skip_link_first(body: str) -> str:
    """Move the link before the boxes that open the drawers: it is for keyboards."""
    link = SKIP_LINK.search(body)
    if link is None:
        return body
    rest = body[: link.start()] + body[link.end() :]
    return rest.replace(SCRIPT_END, f"{SCRIPT_END}\n{link[0]}", 1)
