"""The face of pages: columns, the line below a title, long lines, the front page."""

import nbformat
import pytest
from browsers import DESKTOP, PHONE
from site_books import CONFIG, TABS, notebooks_of, page_of, write_files

from bookkit.site.build import build_site

ROOT = "document.documentElement"
FITS = f"{ROOT}.scrollWidth <= {ROOT}.clientWidth"
# Code that is wider than its box, not folded away.
WIDE = """() => [...document.querySelectorAll('article .highlight:not(.output) > pre')]
  .filter((pre) => pre.checkVisibility() && pre.scrollWidth > pre.clientWidth).length"""
MASK = "pre => getComputedStyle(pre).maskImage"
OUTPUT_BELOW = """() => [...document.querySelectorAll('.bk-start li')].map((card) =>
  [...card.querySelectorAll('.highlight')].map((one) => one.matches('.output')))"""
FRONT = """# 书

开头。

```eval_rst
.. container:: bookkit-start

   :doc:`both`，例如\\ :doc:`both`
```

```toc
both
```
"""
BOTH = """# 一节

只有文字。

```{{.python .input}}
#@tab alpha
alpha({value})
```

```{{.python .input}}
#@tab beta
beta({value})
```
"""


def test_when_a_window_is_1280_wide_then_three_columns_stand_side_by_side(read):
    page = read(viewport=DESKTOP)
    assert page.viewport_size["width"] == 1280
    book, text, contents = (
        page.locator(part).bounding_box()
        for part in (".sidebar-drawer", "article", ".toc-drawer")
    )
    assert book["x"] == 0 and contents["x"] + contents["width"] == 1280
    assert book["x"] + book["width"] <= text["x"]
    assert text["x"] + text["width"] <= contents["x"]
    assert page.locator(".toc-tree").is_visible() and page.evaluate(FITS)
    # Forty Han characters and more in a line.
    assert text["width"] > 40 * 16
    # Headings are told apart by their words; the page's title has its number.
    assert not any(
        text[0].isdigit() for text in page.locator(".toc-tree a").all_inner_texts()[1:]
    )
    assert page.locator("h1 .section-number").is_visible()
    assert page.locator("h3 .section-number:visible").count() == 0


def test_when_a_page_begins_then_one_quiet_line_opens_to_the_rest(read):
    page = read(viewport=DESKTOP)
    line = page.locator("h1 + .bk-about > summary")
    assert line.bounding_box()["height"] < 36
    shown = line.inner_text()
    assert page.locator(".bk-duration").inner_text() in shown
    assert "torch 2" in shown and "paddle" not in shown
    rest = page.locator(".bk-launch, .bk-verified")
    assert [one.is_visible() for one in rest.all()] == [False, False]
    line.focus()
    page.keyboard.press("Enter")
    assert [one.is_visible() for one in rest.all()] == [True, True]


def test_when_lines_are_long_on_a_phone_then_an_edge_fades_and_a_button_wraps_them(
    reader, sections, site_url
):
    context = reader(viewport=PHONE, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{site_url}/{sections[0]}")
    cut = page.locator(".highlight:not(.output) > pre.bk-more:visible").first
    cut.wait_for()
    assert page.evaluate(WIDE) > 3
    assert "gradient" in cut.evaluate(MASK)
    cut.evaluate("pre => pre.scrollBy({ left: 9999, behavior: 'instant' })")
    ended = page.locator(".highlight:not(.output) > pre").first
    page.wait_for_function(
        "() => document.querySelectorAll('pre[tabindex]:not(.bk-more)').length"
    )
    assert ended.count()
    button = page.locator(".bk-wrap:visible").first
    assert button.get_attribute("aria-label")
    assert button.get_attribute("aria-pressed") == "false"
    button.tap()
    assert button.get_attribute("aria-pressed") == "true"
    assert page.evaluate(WIDE) == 0
    # It is remembered, and undone where it was.
    page.goto(f"{site_url}/{sections[1]}")
    page.locator(".bk-wrap[aria-pressed=true]:visible").first.tap()
    assert page.evaluate(WIDE) > 0
    page.reload()
    assert page.evaluate(WIDE) > 0


def test_when_a_book_has_a_mark_then_tabs_of_browsers_and_its_name_have_it(read):
    page = read()
    icon = page.locator("link[rel~=icon]").get_attribute("href")
    mark = page.locator(".sidebar-brand img")
    assert mark.is_visible() and mark.get_attribute("alt") == ""
    assert icon.partition("?")[0] == mark.get_attribute("src").partition("?")[0]
    assert icon.partition("?")[0].endswith(".svg")


def test_when_a_book_begins_then_one_cell_is_seen_in_every_framework(read):
    page = read("index.html", viewport=DESKTOP)
    tabs = page.locator("html").get_attribute("data-tabs").split()
    assert page.evaluate(OUTPUT_BELOW) == [[False, True]] * len(tabs)
    for card in page.locator(".bk-start li").all():
        pre = card.locator("pre").first
        assert pre.is_visible()
        assert pre.evaluate("pre => pre.scrollWidth <= pre.clientWidth")
    # They are no cells of this page: nothing runs them here, and nothing is chosen.
    assert page.locator(".bk-start .bk-run, .bk-start .bk-chip").count() == 0
    phone = read("index.html", viewport=PHONE)
    assert phone.evaluate(FITS)


@pytest.fixture
def book(tmp_path):
    def build(value):
        write_files(tmp_path, {"both.md": BOTH.format(value=value)})
        notebooks = notebooks_of(tmp_path)
        for tab in TABS:
            for notebook in notebooks[tab].values():
                for cell in notebook.cells if notebook else []:
                    if cell.source.startswith(f"{tab}("):
                        cell.outputs = [printed(f"{tab} gave {value}")]
        build_site(tmp_path, TABS, notebooks)
        return page_of(tmp_path, "index.html")

    write_files(tmp_path, {"config.ini": CONFIG, "index.md": FRONT})
    return build


def printed(text):
    return nbformat.v4.new_output("stream", text=text)


def test_when_the_shown_cell_changes_then_the_front_page_does(book):
    html = book(1)
    for tab in TABS:
        assert f"{tab} gave 1" in html
    html = book(2)
    assert "alpha gave 2" in html and "gave 1" not in html
