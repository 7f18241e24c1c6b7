"""A book with d2lbook's stock `config.ini` becomes a site without a line of ours."""

import re

import pytest
from site_books import write_files
from small_books import unexecuted

from bookkit.book.config import load
from bookkit.book.source import read_book
from bookkit.errors import SiteError
from bookkit.site.build import build_site

CONFIG = """\
[project]
name = stock
title = Say "hi"
author = A "B" C
release = 0.1
[build]
notebooks = *.md */*.md
resources = stock.bib
[html]
header_links = PDF, https://example.org/a.pdf?b=1&c=2, fas fa-file-pdf,
               It's code, https://example.org, fab fa-github
include_css = extra.css
include_js = extra.js
[pdf]
bibfile = stock.bib
"""
FILES = {
    "config.ini": CONFIG,
    "index.md": "# Stock\n\n```toc\n:numbered:\n\npart/one\n```\n",
    "part/one.md": "# One\n:label:`sec_one`\n\nSee :numref:`sec_one` and :cite:`Key`.\n"
    "\n$$x = 1$$\n\n```{.python .input}\nprint(1)\n```\n\n"
    ":bibliography:`../stock.bib`\n",
    "stock.bib": "@book{Key, title={K}, author={Ann A}, year={1979}, publisher={P}}\n",
    "extra.css": "p { color: red }\n",
    "extra.js": "window.extra = 1;\n",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = write_files(tmp_path_factory.mktemp("stock"), FILES)
    book = load(root)
    built = build_site(root, book.tab_names, unexecuted(book, read_book(book)))
    assert built.warnings == ()
    for name in ("extra.css", "extra.js"):
        assert (built.html_dir / "_static" / name).read_text("utf-8") == FILES[name]
    return (built.html_dir / "part" / "one.html").read_text("utf-8")


def test_then_it_has_our_theme_and_the_title(page):
    assert "<title>1 One - Say &#34;hi&#34;</title>" in page
    assert "bookkit.js" in page


def test_then_numbers_and_citations_are_those_of_d2lbook(page):
    text = re.sub("<[^>]+>", "", page)
    for words in ("See Section 1 and (A, 1979).", "(1.1)"):
        assert words in text


def test_then_links_and_files_of_the_author_are_there(page):
    assert '<a href="https://example.org/a.pdf?b=1&amp;c=2">PDF</a>' in page
    assert ">It&#39;s code</a>" in page
    sheets = [page.index(name) for name in ("bookkit.css", "extra.css")]
    assert sheets == sorted(sheets)
    assert "extra.js" in page


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        ("x = (", 10, "SyntaxError: '(' was never closed"),
        ("raise Exception", 10, "Exception: "),
        ("import nonesuch", 10, "ModuleNotFoundError: No module named 'nonesuch'"),
        ("html_theme = 'nonesuch'", 0, "ThemeError: no theme named 'nonesuch'"),
        ("extensions += ['nonesuch']", 0, "ModuleNotFoundError: No module named"),
        ("language = 3", 0, "TypeError: "),
    ],
)
def test_when_sphinx_cannot_begin_then_config_says_why(tmp_path, wrong, line, said):
    own = f"[build]\nsphinx_configs =\n    # so\n    a = 1\n    {wrong}\n"
    root = write_files(
        tmp_path, {**FILES, "config.ini": CONFIG.replace("[build]\n", own)}
    )
    book = load(root)
    with pytest.raises(SiteError) as caught:
        build_site(root, book.tab_names, unexecuted(book, read_book(book)))
    place = f"{root / 'config.ini'}{f':{line}' if line else ''}"
    first, second = str(caught.value).split("\n")
    assert first.startswith(f"{place}: Sphinx cannot begin: {said}")
    assert second.startswith("  expected: `sphinx_configs` and `sphinx_extensions`")
