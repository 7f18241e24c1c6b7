"""What differs by framework: chips at cells, rules at text, labels without scripts."""

import pytest
from browsers import DESKTOP, PHONE
from choosing import CHIP, TABS_OF, UNFOLD, choose, shown_tabs, tabs_of_book

FOCUSED = "document.activeElement.dataset.tab"
IS_CHIP = 'document.activeElement.matches(".bk-chip")'
RULE = """text => {
  const { left, width, height, backgroundColor } = getComputedStyle(text, "::before");
  return [parseFloat(left), parseFloat(width),
    parseFloat(height) / text.getBoundingClientRect().height, backgroundColor];
}"""
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


def test_when_read_then_no_row_of_tabs_is_repeated(page):
    assert page.locator("article [role=tablist]").count() == 0
    code = ":has(> .highlight:not(.output))"
    cells = page.locator(f".bk-tabs-code > .bk-panel:visible{code}")
    assert page.locator(CHIP).count() == cells.count() > 1
    # Names are painted, and nothing of them is copied or found.
    assert set(page.locator(CHIP).all_text_contents()) == {""}


def test_when_a_chip_is_pressed_by_keyboard_then_its_menu_chooses(page):
    tabs = tabs_of_book(page)
    choose(page, tabs[0])
    chip = page.locator(CHIP).first
    assert chip.get_attribute("aria-expanded") == "false"
    chip.focus()
    page.keyboard.press("Enter")
    assert chip.get_attribute("aria-expanded") == "true"
    menu = page.get_by_role("menu")
    assert menu.get_attribute("aria-label")
    assert menu.get_by_role("menuitemradio", checked=True).evaluate_all(TABS_OF) == [
        tabs[0]
    ]
    for key, expected in [
        ("ArrowDown", tabs[1]),
        ("End", tabs[-1]),
        ("ArrowDown", tabs[0]),
        ("ArrowUp", tabs[-1]),
        ("Home", tabs[0]),
    ]:
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == expected, key
    style, width = page.evaluate(OUTLINE)
    assert (style, float(width.removesuffix("px")) >= 2) == ("solid", True)
    # Leaving chooses nothing and gives the focus back.
    page.keyboard.press("Escape")
    assert menu.count() == 0 and shown_tabs(page) == {tabs[0]}
    assert page.evaluate(IS_CHIP)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert shown_tabs(page) == {tabs[1]}
    assert page.evaluate(IS_CHIP) and page.evaluate(FOCUSED) == tabs[1]


def test_when_a_chip_is_touched_then_its_menu_has_room_for_fingers(
    reader, sections, site_url
):
    page = reader(viewport=PHONE, is_mobile=True, has_touch=True).new_page()
    page.goto(f"{site_url}/{sections[0]}")
    chip = page.locator(CHIP).first
    assert chip.bounding_box()["height"] >= 24
    chip.tap()
    item = page.locator(".bk-menu [data-tab]").last
    assert item.bounding_box()["height"] >= 40
    tab = item.get_attribute("data-tab")
    item.tap()
    assert shown_tabs(page) == {tab}
    assert page.locator(".bk-menu").is_hidden()


def test_when_text_is_of_one_framework_then_a_rule_shows_where_it_ends(page):
    texts = page.locator(".bk-tabs-text > .bk-panel:visible")
    assert texts.count() > 1
    for text in texts.all()[:5]:
        assert text.get_attribute("role") == "group"
        assert text.get_attribute("aria-label")
        left, width, share, colour = text.evaluate(RULE)
        assert left < 0 and width >= 2 and share > 0.5
        assert colour != "rgba(0, 0, 0, 0)"
    everybodys = page.locator("article section > p:visible").first
    assert everybodys.evaluate("e => getComputedStyle(e, '::before').content") == "none"


def test_when_javascript_is_off_then_all_tabs_show_labelled(reader, sections, site_url):
    page = reader(java_script_enabled=False).new_page()
    for section in sections:
        page.goto(f"{site_url}/{section}", wait_until="domcontentloaded")
        page.evaluate(UNFOLD)
        assert page.evaluate(LABELLED) == page.locator(".bk-panel").count() > 1
        assert page.locator(CHIP).count() == 0
        assert page.locator(".bk-bar").is_hidden()
        everybodys = page.locator(".bk-for:not(li)")  # those are for paper
        assert everybodys.filter(visible=True).count() == everybodys.count()
