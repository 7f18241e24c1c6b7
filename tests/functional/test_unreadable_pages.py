"""A page that cannot be read costs itself alone: the others are built."""

from pathlib import Path

import pytest
from faulty_books import SITE_CONFIG, Book

BROKEN = "```{.python .input}\n#@tab alpha\n"
SAYS_SO = "This page could not be made: its text cannot be read."
SHOWN = "error: 1 file could not be read, told above; what was last read is shown"


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = Book(tmp_path, {"good": "6 * 7", "odd": "'old'"}, SITE_CONFIG)
    edit(made, "index", "```toc\n", "```toc\n:numbered:\n\n")
    edit(made, "odd", "# odd\n", "# Odd one\n:label:`sec_odd`\n")
    edit(made, "good", "Words.", "See :numref:`sec_odd`.")
    return made


def edit(book: Book, name: str, old: str, new: str) -> None:
    path = book.root / f"{name}.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def page(book: Book, name: str) -> str:
    return (book.root / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("end", [BROKEN.encode(), b"\xff\n", b":begin_tab:`alpha`\n"])
def test_when_a_page_cannot_be_read_then_the_last_one_stays(book, end):
    book.passes("build")
    odd = book.root / "odd.md"
    whole = odd.read_bytes()
    odd.write_bytes(whole.replace(b"Words.", b"Newer words.") + end)
    edit(book, "good", "6 * 7", "6 * 8")
    for pages in ("1 (good.md)", "0"):
        status, output = book.bookkit("build")
        assert status == 1, output
        assert "odd.md:" in output and SHOWN in output
        assert f"pages made: {pages}\n" in output
        assert "48" in page(book, "good")
        assert "&#39;old&#39;" in page(book, "odd") or "'old'" in page(book, "odd")
        assert "Newer" not in page(book, "odd")
    odd.write_bytes(whole.replace(b"Words.", b"Newer words."))
    assert "pages made: 1 (odd.md)" in book.passes("build")
    assert "Newer" in page(book, "odd")


def test_when_a_page_was_never_read_then_it_says_so_and_has_its_label(book):
    odd = book.root / "odd.md"
    odd.write_text(odd.read_text() + BROKEN)
    status, output = book.bookkit("build")
    assert status == 1 and SHOWN in output, output
    assert SAYS_SO in page(book, "odd") and "Odd one" in page(book, "odd")
    assert '<a class="reference internal" href="odd.html#sec-odd">' in page(
        book, "good"
    )
    assert "42" in page(book, "good")


def test_when_a_page_cannot_be_read_then_others_run_and_are_explained(book):
    odd = book.root / "odd.md"
    odd.write_bytes(odd.read_bytes() + b"\xff\n")
    assert "passed" in book.passes("run", "good.md")
    status, output = book.bookkit("run")
    assert status == 1 and SHOWN in output
    assert "odd.md:10: byte 0xff is not UTF-8" in output
    assert "good.md [alpha]: kept, passed" in book.passes("explain")


def test_when_another_page_has_findings_then_nothing_is_run(book):
    odd = book.root / "odd.md"
    odd.write_text(odd.read_text() + BROKEN)
    edit(book, "good", "sec_odd", "sec_none")
    status, output = book.bookkit("build")
    assert status == 1
    assert "nothing was run" in output and "BK302" in output
    assert not (book.root / "_build" / "html").exists()


def test_when_warnings_pass_then_they_are_told_until_they_are_gone(tmp_path):
    config = SITE_CONFIG.replace("warning_is_error = True\n", "")
    config = config.replace("[bookkit]\n", "[bookkit]\nlevels = all style\n")
    book = Book(tmp_path, {"good": "6 * 7", "odd": "'old'"}, config)
    wrong = "good.md:3: undefined label: 'sec_odd'"
    edit(book, "good", "Words.", "See :numref:`sec_odd`.")
    for pages in ("3 (good.md, index.md, odd.md)", "1 (good.md)"):
        said = book.passes("build")
        assert wrong in said and "The pages have 1 warning" in said
        assert f"pages made: {pages}\n" in said
    edit(book, "odd", "# odd\n", "# Odd one\n:label:`sec_odd`\n")
    said = book.passes("build")
    assert "undefined" not in said and "pages made: 2 (good.md, odd.md)" in said
    assert "Nothing to do" in book.passes("build")
