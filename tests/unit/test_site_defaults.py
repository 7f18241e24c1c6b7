"""Sphinx's configuration, made of `config.ini`: any words; the author overrides it."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from small_books import CONFIG, INDEX, write_book

from bookkit.site.defaults import conf_text, settings

QUOTES = ['Say "hi"', "It's", "a \\ b", '"""', "AUTHOR and EXTENSIONS", "100%%", "书"]
STOCK = "[project]\nname = small\n[build]\nnotebooks = *.md */*.md\n"


def conf(
    root: Path, config: str, files: dict[str, str | bytes] | None = None
) -> dict[str, Any]:
    """Run what Sphinx would, and return the values."""
    book = write_book(root, {"one.md": "# One\n", **(files or {})}, config)
    path = root / "conf.py"
    path.write_text(conf_text(book), encoding="utf-8")
    return runpy.run_path(str(path))


@pytest.mark.parametrize("words", QUOTES)
def test_when_words_have_quotes_then_pages_have_them_too(tmp_path, words):
    text = f"[project]\ntitle = {words}\nauthor = {words}\ncopyright = {words}\n"
    text += f"[html]\nheader_links = {words}, https://a.org/?b='c', icon\n"
    values = conf(tmp_path, text)
    plain = words.replace("%%", "%")
    assert [
        values[key] for key in ("project", "author", "copyright", "html_title")
    ] == [plain] * 4
    links = values["html_context"]["bookkit_links"]
    assert links == [(plain, "https://a.org/?b='c'")]


def test_when_the_author_configures_sphinx_then_that_holds(tmp_path):
    text = f"{STOCK}sphinx_configs =\n  html_theme = 'other'\n"
    text += "  extensions = [one for one in extensions if 'bibtex' not in one]\n"
    text += "  numfig_format = {'figure': 'F%%s'}\n"
    values = conf(tmp_path, text)
    assert values["html_theme"] == "other"
    assert values["extensions"] == ["bookkit.site.extension"]
    assert values["numfig_format"] == {"figure": "F%s"}


def test_when_extensions_are_named_then_each_is_loaded_once(tmp_path):
    text = f"{STOCK}sphinx_extensions = bookkit.site.extension sphinx.ext.todo\n"
    values = conf(tmp_path, text)
    own = ["bookkit.site.extension", "sphinx.ext.todo"]
    assert values["extensions"] == ["sphinxcontrib.bibtex", *own]


@pytest.mark.parametrize(
    ("language", "sphinx", "figure"),
    [("", "en", None), ("zh", "zh_CN", "图%s"), ("zh-TW", "zh_TW", "图%s")],
)
def test_when_a_language_is_named_then_numbers_are_worded_in_it(
    tmp_path, language, sphinx, figure
):
    values = conf(tmp_path, f"[project]\nlang = {language}\n")
    assert values["language"] == sphinx
    assert values.get("numfig_format", {}).get("figure") == figure


def test_when_files_are_included_then_ours_come_before_them(tmp_path):
    text = f"{STOCK}[html]\ninclude_css = css/*.css\ninclude_js = one.js\n"
    files: dict[str, str | bytes] = {"css/a.css": "", "css/b.css": "", "one.js": ""}
    values = conf(tmp_path, text, files)
    names = [Path(one).name for one in values["html_static_path"]]
    assert names == ["a.css", "b.css", "one.js"]
    assert [name for name, _ in values["html_css_files"]] == ["a.css", "b.css"]
    assert values["html_js_files"] == ["one.js"]


def test_when_a_page_documents_code_then_autodoc_is_loaded(tmp_path):
    assert "sphinx.ext.autodoc" not in conf(tmp_path, STOCK)["extensions"]
    text = "# One\n\n```eval_rst\n.. autofunction:: a.b\n```\n"
    values = conf(tmp_path, STOCK, {"one.md": text, "index.md": INDEX})
    assert "sphinx.ext.autodoc" in values["extensions"]


def test_when_settings_are_asked_for_then_they_are_plain_data(tmp_path):
    book = write_book(tmp_path, {"one.md": "# One\n"}, CONFIG)
    values = settings(book)
    assert values == eval(repr(values))
    assert values["bibtex_bibfiles"] == [str(tmp_path / "small.bib")]
