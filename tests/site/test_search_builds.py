"""The index after builds that read few pages again: complete, and nothing left over."""

import re

import pytest
from site_books import CONF, CONFIG, run_sphinx, write_files

INDEX = """书
==

.. toctree::
   :numbered:

   one
   two
   three
   hidden
"""
PAGE = """.. _{name}:

{name}
=======

{text}
"""


@pytest.fixture
def book(tmp_path):
    files = {"config.ini": CONFIG, "conf.py": CONF, "index.rst": INDEX}
    write_files(tmp_path, files)
    for name in ("one", "two", "three"):
        write(tmp_path, name, f"原来的{name}。")
    write(tmp_path, "hidden", "原来的hidden。", before=":nosearch:\n\n")
    return tmp_path


def write(book, name, text, before=""):
    page = before + PAGE.format(name=name, text=text)
    (book / f"{name}.rst").write_text(page, encoding="utf-8")


def build(book, *options):
    return (run_sphinx(book, *options) / "searchindex.js").read_text(encoding="utf-8")


def test_when_one_page_changes_then_the_index_is_that_of_a_whole_build(book):
    first = build(book)
    assert all(f"原来的{name}。" in first for name in ("one", "two", "three"))

    # One page changes, and one that refers to it is written anew with its number.
    write(book, "two", "见\\ :numref:`three`\\ ，现在不同。")
    second = build(book)
    assert "原来的two" not in second and "见3节，现在不同。" in second
    assert "原来的one" in second and "原来的three" in second

    # A page goes: nothing of it stays, and the numbers of others follow.
    (book / "one.rst").unlink()
    index = INDEX.replace("   one\n", "")
    (book / "index.rst").write_text(index, encoding="utf-8")
    third = build(book)
    assert "one" not in third
    assert "见2节，现在不同。" in third and '"2 three\u2029' in third

    # What was kept is lost or damaged: it is found out again.
    kept = next((book / "_html").rglob("bookkit-search.json"))
    kept.write_text('{"format": 1, "pages": {"two": [1]}}', encoding="utf-8")
    write(book, "three", "又变了。")
    fourth = build(book)
    assert "见2节，现在不同。" in fourth and "又变了。" in fourth
    assert fourth == build(book, "-E", "-a")

    # The author's synonyms are of no page: a change of them is in the index, too.
    settings = f"{CONFIG}[bookkit]\nsynonyms = words.txt\n"
    files = {"config.ini": settings, "words.txt": "甲: three\n"}
    write_files(book, files)
    assert '[["甲",["three"]]]' in build(book)
    write_files(book, {"words.txt": "乙: three\n"})
    assert '[["乙",["three"]]]' in build(book)

    # A page that wants not to be found never is.
    assert "hidden" not in first + fourth

    # Nor is an index of Sphinx's own left, or a page that would ask it.
    html = (book / "_html" / "search.html").read_text(encoding="utf-8")
    scripts = re.findall(r'<script[^>]* src="([^"?]+)', html)
    assert "searchindex.js" in scripts and "_static/bookkit-search.js" in scripts
    assert "_static/searchtools.js" not in scripts
    html = (book / "_html" / "two.html").read_text(encoding="utf-8")
    assert re.search(r'<link rel="search"[^>]* href="search.html"', html)
    assert "bookkit-search" not in html
