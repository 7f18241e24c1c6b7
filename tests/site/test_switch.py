"""The bar above every page's text: one choice, and all that follows it."""

import re

import pytest
from browsers import DESKTOP
from choosing import (
    BAR,
    CHIP,
    SHOWN,
    TABS_OF,
    UNFOLD,
    choose,
    choose_in_group,
    chosen,
    shown_tabs,
    tabs_of_book,
)

FOR_OTHERS = """tab => [...document.querySelectorAll('.bk-for')].filter((one) =>
  (one.dataset.tab === tab) !== (getComputedStyle(one).display !== 'none')).length"""
HEARD = """document.addEventListener('bookkit:tab', (event) => {
  (window.heard = window.heard || []).push(event.detail);
})"""
CHECKED = ".bk-framework input:checked"
VALUES = "all => all.map(one => one.value)"
FOUND = """() => {
  getSelection().collapse(document.querySelector('h1'));
  const found = [];
  while (find('import', false, false, false) && found.length < 99) {
    const panel = getSelection().anchorNode.parentElement.closest('.bk-panel');
    if (panel) found.push(panel.dataset.tab);
  }
  return found;
}"""
OUTLINE = """(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])(
  getComputedStyle(document.activeElement.closest('label')))"""


@pytest.fixture(scope="module")
def page(browser, sections, site_url):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{site_url}/{sections[0]}")
    page.evaluate(UNFOLD)
    yield page
    page.close()


def test_when_built_then_every_page_has_the_bar_above_its_text(texts):
    for name, html in texts.items():
        article = html.partition('<article role="main"')[2].partition("</article>")[0]
        assert html.count('class="bk-bar"') == 1, name
        assert ("data-groups" in html) == ('class="bk-tabs' in html), name
        assert article.index('class="bk-bar"') < article.index("<h1"), name


def test_when_chosen_in_the_bar_or_at_a_group_then_everything_follows(page):
    page.evaluate(HEARD)
    tabs = tabs_of_book(page)
    ways = [choose, choose_in_group]
    for way, tab in [(way, tab) for way in ways for tab in [*tabs[1:], tabs[0]]]:
        way(page, tab)
        groups = page.locator(f'.bk-tabs:has(> .bk-panel[data-tab="{tab}"])').count()
        assert shown_tabs(page) == {tab}
        assert page.locator(SHOWN).count() == groups > 1
        assert set(page.locator(CHIP).evaluate_all(TABS_OF)) == {tab}
        assert page.locator(CHECKED).evaluate_all(
            "all => all.map(one => one.value)"
        ) == [tab]
        assert page.evaluate(FOR_OTHERS, tab) == 0
        assert f"tab={tab}" in page.url
        assert page.evaluate("window.heard.at(-1)") == {
            "tab": tab,
            "compare": "",
            "own": "",
        }
        said = page.locator(".bk-bar [role=status]").text_content()
        assert page.locator(f'{BAR}[data-tab="{tab}"]').inner_text() in said


def test_when_read_aloud_then_the_bar_is_a_named_group_of_radio_buttons(page):
    group = page.locator(".bk-bar").get_by_role("group", name=re.compile(".{2}"))
    names = group.get_by_role("radio").all()
    assert len(names) == len(tabs_of_book(page)) > 1
    choose(page, tabs_of_book(page)[1])
    title = page.locator(f"{BAR}[data-tab={chosen(page)}]").inner_text()
    assert group.get_by_role("radio", name=title, checked=True, exact=True).count() == 1
    assert page.locator(".bk-bar").get_by_role("status").count() == 1


def test_when_arrow_keys_are_pressed_in_a_row_then_one_step_leads_back(page):
    tabs = tabs_of_book(page)
    choose(page, tabs[0])
    entries = page.evaluate("history.length")
    page.keyboard.press("ArrowRight")
    assert chosen(page) == tabs[1]
    style, width = page.evaluate(OUTLINE)
    assert (style, float(width.removesuffix("px")) >= 2) == ("solid", True)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert chosen(page) == tabs[3]
    assert page.evaluate("document.activeElement.value") == tabs[3]
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    page.wait_for_function(
        f"() => document.documentElement.dataset.tab === '{tabs[0]}'"
    )
    assert page.locator(CHECKED).get_attribute("value") == tabs[0]


def test_when_something_is_found_in_the_page_then_it_is_of_the_chosen_framework(page):
    for tab in tabs_of_book(page):
        choose(page, tab)
        assert set(page.evaluate(FOUND)) == {tab}


def test_when_chosen_on_the_search_page_then_the_answers_follow_in_place(read):
    page = read("search.html?q=Sequential")
    page.wait_for_selector(".bk-search-place")
    more = page.locator(".bk-search-more summary").first
    more.click()
    page.wait_for_function("() => document.querySelectorAll('details[open] li').length")
    places = page.locator(".bk-search-place").count()
    tab = tabs_of_book(page)[-1]
    title = page.locator(f"{BAR}[data-tab={tab}]").inner_text()
    before = page.locator(".bk-search-badge").all_inner_texts()
    choose(page, tab)
    after = page.locator(".bk-search-badge").all_inner_texts()
    assert after.count(title) > before.count(title)
    assert page.locator(".bk-search-place").count() == places
    for place in page.locator(".bk-search-place:has(.bk-search-others)").all():
        if title in place.inner_text():
            assert place.locator(".bk-search-badge").inner_text() == title
            link = place.locator(".bk-search-heading").get_attribute("href")
            assert "visit=" not in link
    # The question stays when the framework changes, and the other way round.
    assert "q=Sequential" in page.url and f"tab={tab}" in page.url
    page.locator("#search-question").fill("Linear")
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.search.includes('q=Linear')")
    assert f"tab={tab}" in page.url
    page.go_back()
    page.wait_for_function("() => document.title.startsWith('Sequential')")
    assert chosen(page) == tab


def test_when_printed_then_the_chosen_framework_shows_alone(page):
    tab = tabs_of_book(page)[2]
    choose(page, tab)
    page.emulate_media(media="print")
    assert page.locator(".bk-bar").is_hidden()
    assert shown_tabs(page) == {tab}
    assert page.locator(CHIP).count() == 0
    assert page.evaluate(FOR_OTHERS, tab) == 0
    page.emulate_media(media="screen")
