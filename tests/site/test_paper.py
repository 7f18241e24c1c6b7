"""A section on paper, as Chromium prints it: read as text, and where it breaks."""

import io
import re
import unicodedata

import pytest
from browsers import PHONE
from choosing import tabs_of_book
from pypdf import PdfReader

from bookkit.site.extension.page.paper import outside_links

SECTION = "chapter_computation/parameters.html"
TAB = "paddle"
FLOATING = """() => [...document.querySelectorAll("body *")]
  .filter((one) => ["fixed", "sticky"].includes(getComputedStyle(one).position))
  .filter((one) => one.getClientRects().length)
  .map((one) => one.className)"""
CLIPPED = """() => [...document.querySelectorAll("article :is(pre, table, math, img)")]
  .filter((one) => one.checkVisibility())
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.localName === "pre"
    || one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.textContent.slice(0, 60))"""
# Code and what it gave, of the framework that is shown.
CELLS = """() => [...document.querySelectorAll("div.highlight + div.output")]
  .filter((one) => one.checkVisibility() && !one.querySelector(".bk-fold"))
  .map((one) => [one.previousElementSibling.textContent, one.textContent])"""
# What others alone have: every line of their code.
OTHERS = """() => [...document.querySelectorAll(".bk-panel")]
  .filter((one) => !one.checkVisibility())
  .flatMap((one) => [...one.querySelectorAll("pre")])
  .flatMap((one) => one.textContent.split("\\n"))"""


def squeezed(text):
    """Return a text without spaces: lines of print end anywhere.

    A font may draw 小 and its radical alike: the text of print names either.
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@pytest.fixture(scope="module")
def page(browser, site_url):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site_url}/{SECTION}?tab={TAB}")
    page.emulate_media(media="print")
    yield page
    context.close()


@pytest.fixture(scope="module")
def printed(page):
    """The text of each page of paper."""
    reader = PdfReader(io.BytesIO(page.pdf(format="A4")))
    return [sheet.extract_text() for sheet in reader.pages]


def test_when_printed_then_the_framework_is_named_once(printed, page):
    lines = [line.strip() for text in printed for line in text.splitlines()]
    title = {
        tab: page.locator(f'.bk-panel[data-tab="{tab}"] .bk-panel-label').first
        for tab in tabs_of_book(page)
    }
    named = {tab: lines.count(one.text_content()) for tab, one in title.items()}
    assert named == {tab: int(tab == TAB) for tab in named}


def test_when_printed_then_nothing_of_the_screen_is_on_paper(printed, page):
    text = squeezed("".join(printed))
    assert "跳到正文" not in text and "选择框架" not in text
    assert page.evaluate(FLOATING) == []
    own = squeezed(page.locator("article").inner_text())
    others = {squeezed(line) for line in page.evaluate(OTHERS)}
    strange = [line for line in others if len(line) > 12 and line not in own]
    assert len(strange) > 100
    assert [line for line in strange if line in text] == []


def test_when_printed_then_cells_are_whole_and_with_their_outputs(printed, page):
    sheets = [squeezed(text) for text in printed]
    cells = page.evaluate(CELLS)
    assert len(cells) > 20
    for code, output in cells:
        first = squeezed(output.strip().splitlines()[0])
        having = [sheet for sheet in sheets if squeezed(code) in sheet]
        assert any(first in sheet for sheet in having), (code, output)


def test_when_printed_then_addresses_and_contents_can_be_read(printed, page):
    links = page.locator("article a.external").evaluate_all(
        "all => all.filter((one) => one.checkVisibility()).map((one) => one.href)"
    )
    assert links
    text = squeezed("".join(printed))
    for number, address in enumerate(links, 1):
        assert f"[{number}]" in text
        assert f"{number}.{address}" in text
    headings = page.locator("article h2").all_inner_texts()
    for heading in headings:
        name = re.sub(r"^[\d.]+|¶$", "", squeezed(heading))
        assert name in squeezed(printed[0])
        assert text.count(name) >= 2


def test_when_printed_then_no_line_is_clipped_and_the_page_stays_as_it_was(page):
    page.set_viewport_size({"width": 660, "height": 900})
    assert page.evaluate(CLIPPED) == []
    page.set_viewport_size(PHONE)
    assert page.locator("article .bk-paper-contents").count() == 0
    page.emulate_media(media="screen")
    assert not page.locator(".bk-paper-links").is_visible()
    page.emulate_media(media="print")


def test_when_scripts_are_off_then_paper_shows_all_frameworks_with_names(read):
    page = read(SECTION, java_script_enabled=False)
    page.emulate_media(media="print")
    assert not page.locator(".skip-to-content").is_visible()
    assert page.locator(".bk-panel-label").first.is_visible()
    numbers = page.locator(".bk-paper-links li").count()
    assert numbers == page.locator("article a.external").count()


def test_when_links_stand_in_panels_then_each_has_the_panels_tab():
    link = '<a class="reference external" href="https://a.example/?{}&amp;x">a</a>'
    html = (
        f'<p>{link.format(0)}</p><div class="bk-tabs">'
        f'<div class="bk-panel" data-tab="alpha"><div>{link.format(1)}</div>'
        f'{link.format(2)}</div><div class="bk-panel" data-tab="beta">'
        f"{link.format(3)}</div></div></div></div>{link.format(4)}"
    )
    tabs = ["", "alpha", "alpha", "beta", ""]
    assert outside_links(html) == [
        (tab, f"https://a.example/?{number}&amp;x") for number, tab in enumerate(tabs)
    ]
