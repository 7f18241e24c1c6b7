"""Tab groups: tab lists to eyes, keys and ears, and plain text without scripts."""

import pytest
from browsers import DESKTOP
from choosing import TABS_OF, UNFOLD, shown_tabs

FOCUSED = "document.activeElement.dataset.tab"
IS_TAB = 'document.activeElement.classList.contains("bk-tab")'
OUTLINE = """(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])(
  getComputedStyle(document.activeElement))"""
# Panels that are seen, and their labels as far as these are seen too.
LABELLED = """() => [...document.querySelectorAll('.bk-panel')]
  .filter((panel) => panel.checkVisibility())
  .map((panel) => panel.querySelector('.bk-panel-label'))
  .filter((label) => label.checkVisibility() && label.innerText.trim()).length"""


@pytest.fixture(scope="module")
def page(browser, sections, site_url):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{site_url}/{sections[0]}")
    yield page
    page.close()


def test_when_a_new_reader_comes_then_the_default_tab_shows(page):
    default = page.locator("html").get_attribute("data-tabs").split()[0]
    assert shown_tabs(page) == {default}


def test_when_tabbing_then_a_group_is_one_stop_with_visible_focus(page):
    group = page.locator(".bk-tabs").first
    assert group.locator('.bk-tab[tabindex="0"]').count() == 1
    heading = page.locator("h1").first
    heading.evaluate("title => { title.tabIndex = -1; title.focus(); }")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(IS_TAB):
            break
    assert page.evaluate(IS_TAB)
    style, width = page.evaluate(OUTLINE)
    assert style == "solid"
    assert float(width.removesuffix("px")) >= 2


def test_when_keys_are_pressed_then_choice_and_focus_move(page):
    group = page.locator(".bk-tabs").first
    tabs = group.locator(".bk-tab").evaluate_all(TABS_OF)
    group.locator(".bk-tab").first.focus()
    for key, expected in [
        ("ArrowRight", tabs[1]),
        ("End", tabs[-1]),
        ("ArrowRight", tabs[0]),
        ("ArrowLeft", tabs[-1]),
        ("Home", tabs[0]),
    ]:
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == expected, key
        assert shown_tabs(page) == {expected}, key


def test_when_read_aloud_then_the_groups_are_tab_lists(page):
    group = page.locator(".bk-tabs").first
    assert group.get_by_role("tablist").get_attribute("aria-label")
    tab = group.get_by_role("tab", selected=True)
    panel = group.get_by_role("tabpanel")
    assert tab.get_attribute("aria-controls") == panel.get_attribute("id")
    assert panel.get_attribute("aria-labelledby") == tab.get_attribute("id")


def test_when_javascript_is_off_then_all_tabs_show_labelled(reader, sections, site_url):
    page = reader(java_script_enabled=False).new_page()
    for section in sections:
        page.goto(f"{site_url}/{section}", wait_until="domcontentloaded")
        page.evaluate(UNFOLD)
        assert page.evaluate(LABELLED) == page.locator(".bk-panel").count() > 1
        assert page.locator(".bk-tab:visible").count() == 0
        assert page.locator(".bk-bar").is_hidden()
        everybodys = page.locator(".bk-for")
        assert everybodys.filter(visible=True).count() == everybodys.count()
