"""Books unlike ours: three hundred pages; a section of one tab, and of none."""

import functools

import pytest
from choosing import choose, chosen, note_complaints, tabs_of_book
from serving import Quiet, serve
from site_books import CONF, CONFIG, TABS, notebooks_of, run_sphinx, write_files

from bookkit.site.build import build_site

CHAPTERS, SECTIONS = 10, 29
MOST_BYTES = 300_000
SMALL = {
    "config.ini": CONFIG,
    "index.md": "# 书\n\n```toc\n:numbered:\n\none/first\none/second\n```\n",
    "one/first.md": "# 只有一个\n\n文。\n\n```{.python .input}\n#@tab alpha\n1\n```\n",
    "one/second.md": "# 一个也没有\n\n只有文字。\n",
}


def write_big(root):
    """Write a book of chapters, each with sections whose titles have a usual length."""

    def page(path, title, listed=()):
        toc = "".join(f"   {name}\n" for name in listed)
        toc = f".. toctree::\n   :numbered:\n\n{toc}" if path == "index" else toc
        toc = f".. toctree::\n\n{toc}" if listed and path != "index" else toc
        text = f"{title}\n{'=' * 2 * len(title)}\n\n正文。\n\n{toc}\n"
        write_files(root, {f"{path}.rst": text})

    write_files(root, {"conf.py": CONF, "config.ini": CONFIG})
    chapters = range(CHAPTERS)
    page("index", "大书", [f"c{chapter}/index" for chapter in chapters])
    for chapter in chapters:
        sections = [f"s{section}" for section in range(SECTIONS)]
        page(f"c{chapter}/index", f"第{chapter}章", sections)
        for section in sections:
            page(f"c{chapter}/{section}", f"第{chapter}章里题目不短的一节{section}")
    return root


@pytest.fixture(scope="module")
def big_book(tmp_path_factory):
    return run_sphinx(write_big(tmp_path_factory.mktemp("big")))


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    root = write_files(tmp_path_factory.mktemp("small"), SMALL)
    build_site(root, TABS, notebooks_of(root))
    return root / "_build" / "html"


def test_when_a_book_has_three_hundred_pages_then_each_is_light(big_book):
    pages = list(big_book.rglob("*.html"))
    assert len(pages) > 300
    files = [path for path in big_book.glob("_static/**/*.*") if path.suffix != ".txt"]
    shared = sum(path.stat().st_size for path in files if "search" not in path.name)
    sizes = {path: path.stat().st_size for path in pages}
    assert max(sizes.values()) + shared <= MOST_BYTES
    # A section of one sentence: the rest is what every page carries.
    section = (big_book / "c3" / "s7.html").read_text(encoding="utf-8")
    tree = section.partition('<nav class="sidebar-tree"')[2].partition("</nav>")[0]
    assert len(tree.encode()) < 10_000


def test_when_a_book_is_large_then_its_tree_shows_the_chapter_at_hand(reader, big_book):
    with serve(functools.partial(Quiet, directory=str(big_book))) as address:
        page = reader().new_page()
        page.goto(f"{address}/c3/s7.html")
        tree = page.get_by_role("navigation", name="全书目录")
        assert tree.get_by_role("link").count() == CHAPTERS + SECTIONS
        assert tree.locator(".current-page").inner_text().endswith("一节s7")
        tree.get_by_role("link", name="第4章").click()
        page.wait_for_url("**/c4/index.html")
        assert tree.get_by_role("link").count() == CHAPTERS + SECTIONS
        tree.get_by_role("link", name="第4章里题目不短的一节s0").click()
        page.wait_for_url("**/c4/s0.html")


@pytest.mark.parametrize(("name", "cells"), [("first", 1), ("second", 0)])
def test_when_a_section_has_one_tab_or_none_then_it_reads_well_in_each(
    reader, small_book, name, cells
):
    with serve(functools.partial(Quiet, directory=str(small_book))) as address:
        page = reader().new_page()
        said = note_complaints(page)
        page.goto(f"{address}/one/{name}.html")
        for tab in tabs_of_book(page):
            choose(page, tab)
            assert chosen(page) == tab
            # Its only version is better than nothing, but a reader of another
            # framework is told.
            assert page.locator(".highlight:not(.output):visible").count() == cells
            told = page.locator(".bk-lacking").filter(visible=True)
            assert told.count() == (cells if tab == "beta" else 0)
        assert said == []
