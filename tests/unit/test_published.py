"""Addresses of the last release that lead nowhere are told of, with what to do."""

from pathlib import Path

import pytest
from small_books import write_book

from bookkit.errors import SiteError
from bookkit.site import published

PAGE = """<main id="bk-x"><article id="furo-main-content"><section id="{0}">
<h1>一</h1><span id="sec-a"></span><div class="bk-cell" id="cell-1"></div>
<span id="cited-he"></span></section></article><p id="footer"></p></main>"""


@pytest.fixture
def book(tmp_path: Path):
    config = write_book(tmp_path, {"index.md": "# 书\n"})
    write(config, "one.html", PAGE.format("旧名字"))
    write(config, "search.html", PAGE.format("x"))
    write(config, "_static/x.html", PAGE.format("x"))
    return config


def write(config, name, text):
    path = config.output / "html" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_when_addresses_are_accepted_then_the_file_has_those_of_words(book):
    path = published.accept(book)
    rows = path.read_text(encoding="utf-8").splitlines()
    assert rows[1:] == ["one.html", "one.html#sec-a", "one.html#旧名字"]
    published.demand(book)


def test_when_nothing_was_published_then_nothing_is_missed(book):
    assert published.missing(book) == []


def test_when_a_heading_is_renamed_then_it_is_told_how_to_keep_its_address(book):
    published.accept(book)
    write(book, "one.html", PAGE.format("新名字"))
    with pytest.raises(SiteError) as told:
        published.demand(book)
    assert str(told.value) == (
        "published-addresses.txt:4: one.html#旧名字 leads nowhere\n"
        "  next: write :label:`旧名字` below #新名字; or give it up: "
        "bookkit addresses --accept\n"
        "1 published address leads nowhere"
    )
    assert published.missing(book, ["two.html"]) == []
    assert len(published.missing(book, ["one.html"])) == 1


def test_when_a_page_is_gone_then_all_its_addresses_are(book):
    published.accept(book)
    (book.output / "html" / "one.html").unlink()
    assert len(published.missing(book)) == 3
