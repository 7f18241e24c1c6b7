"""Furo's own words in the book's language, where Furo ships no translation."""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.base.page_context import Context, complete_each_page

# Keys are Furo's messages, as written in its templates.
_TRANSLATIONS = {
    "zh": {
        "Next": "下一页",
        "Previous": "上一页",
        "Home": "首页",
        "On this page": "本页内容",
        "Back to top": "回到顶部",
        "Skip to content": "跳到正文",
        "Copyright &#169; %(copyright)s": "版权所有 &#169; %(copyright)s",
    },
}


def setup(app: Sphinx) -> None:
    complete_each_page(app, _translate)


def _translate(app: Sphinx, pagename: str, context: Context) -> None:
    language = (app.config.language or "en").replace("-", "_").partition("_")[0]
    known = _TRANSLATIONS.get(language)
    if not known:
        return
    original = app.builder.templates.environment.globals["gettext"]

    def gettext(message: str, **values: object) -> str:
        text = known.get(" ".join(message.split()))
        return original(message) if text is None else text

    context["_"] = context["gettext"] = gettext
