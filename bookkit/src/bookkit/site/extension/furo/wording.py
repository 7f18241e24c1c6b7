"""Furo's own words in the book's language, where Furo ships no translation."""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import Context, complete_each_page
from bookkit.site.extension.furo.furo_internals import TRANSLATIONS
from bookkit.site.sphinx_internals import template_environment


def setup(app: Sphinx) -> None:
    complete_each_page(app, _translate)


def _translate(app: Sphinx, pagename: str, context: Context) -> None:
    language = (app.config.language or "en").replace("-", "_").partition("_")[0]
    known = TRANSLATIONS.get(language)
    if not known:
        return
    original = template_environment(app).globals["gettext"]

    def gettext(message: str, **values: object) -> str:
        text = known.get(" ".join(message.split()))
        return original(message) if text is None else text

    context["_"] = context["gettext"] = gettext
