"""What pages of the book offer for reading: copying, cards, times, a start."""

import re

import pytest

CELL = "article .highlight:not(.output)"
SHIFTS = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(sum), 100));
})"""


@pytest.fixture
def chapter(texts):
    found = next((page for page, html in texts.items() if "bk-cards" in html), None)
    assert found, "no chapter of the book has cards"
    return found


def code_of(cell):
    return cell.locator("pre").first.text_content().removesuffix("\n")


def test_when_copied_then_the_clipboard_has_the_code_and_a_reader_is_told(read):
    page = read(permissions=["clipboard-read", "clipboard-write"])
    cells = page.locator(CELL).filter(visible=True)
    assert cells.count() > 5
    for cell in (cells.first, cells.nth(4)):
        button = cell.locator(".bk-copy")
        assert button.evaluate("e => getComputedStyle(e).opacity") == "0"
        button.focus()
        page.keyboard.press("Enter")
        page.locator("[data-said]").first.wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == code_of(cell)
        assert button.evaluate("e => getComputedStyle(e).opacity") == "1"
        said = button.get_attribute("data-said")
        assert page.locator(".bk-copy-status[role=status]").inner_text() == said
    assert page.locator(".output .bk-copy").count() == 0


def test_when_the_clipboard_is_closed_then_copying_goes_the_old_way_or_says_so(read):
    page = read(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("() => { navigator.clipboard.writeText = () => { throw 1; }; }")
    cell = page.locator(CELL).filter(visible=True).nth(3)
    cell.locator(".bk-copy").click()
    page.locator("[data-said]").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == code_of(cell)
    done = cell.locator(".bk-copy").get_attribute("data-said")
    assert page.evaluate("getSelection().isCollapsed")
    page.evaluate("() => { document.execCommand = () => false; }")
    cell.locator(".bk-copy").click()
    page.locator(f'[data-said]:not([data-said="{done}"])').wait_for()
    assert page.evaluate("getSelection().toString()").strip() == code_of(cell).strip()


def test_when_buttons_are_added_then_nothing_moves_and_no_text_is_added(read):
    page = read()
    assert page.locator(".bk-copy").count() > 5
    assert page.evaluate(SHIFTS) < 0.01
    assert set(page.locator(".bk-tool").all_text_contents()) == {""}
    without = read(java_script_enabled=False)
    assert without.locator(".bk-copy").count() == 0


RUNS = """window.asked = [];
  document.addEventListener("bookkit:run", (event) => {
    event.preventDefault();
    asked.push(event.detail);
  });"""


def test_when_a_cell_has_its_button_then_a_press_asks_to_run_it(read):
    page = read()
    page.evaluate(RUNS)
    shown = page.locator(".bk-code .bk-run").filter(visible=True)
    assert page.locator(".output .bk-run").count() == 0
    assert shown.first.get_attribute("aria-label")
    for number in (0, 4):
        shown.nth(number).focus()
        page.keyboard.press("Enter")
    tab = page.evaluate("document.documentElement.dataset.tab")
    assert [one["tab"] for one in page.evaluate("asked")] == [tab, tab]


def test_when_a_screen_is_touched_then_buttons_show_without_hovering(read):
    page = read(is_mobile=True, has_touch=True)
    button = page.locator(CELL).filter(visible=True).first.locator(".bk-copy")
    assert button.evaluate("e => getComputedStyle(e).opacity") == "1"


def test_when_a_chapter_is_opened_then_cards_say_what_and_how_long(read, chapter):
    page = read(chapter, java_script_enabled=False)
    cards = page.locator(".bk-card")
    assert cards.count() >= 2
    assert page.locator("article .toctree-wrapper").count() == 0
    for card in cards.all():
        assert len(card.locator(".bk-card-text").inner_text()) > 10
        assert len(re.findall(r"\d+", card.locator(".bk-card-facts").inner_text())) == 2
    minutes = page.locator(".bk-card-facts").all_inner_texts()
    total = sum(int(re.findall(r"\d+", said)[0]) for said in minutes)
    assert str(total) in re.findall(r"\d+", page.locator(".bk-duration").inner_text())
    title = cards.first.locator(".bk-card-title").inner_text()
    facts = cards.first.locator(".bk-card-facts").inner_text()
    # Anywhere on the card.
    box = cards.first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 5)
    page.wait_for_url(lambda url: chapter not in url)
    assert page.locator("h1").inner_text().startswith(title)
    assert page.locator(".bk-duration").inner_text() == facts


def test_when_a_framework_is_pressed_on_the_front_page_then_reading_begins_in_it(read):
    page = read("index.html")
    links = page.locator(".bk-start a")
    tabs = page.locator("html").get_attribute("data-tabs").split()
    assert links.count() == len(tabs) >= 2
    last = links.last.bounding_box()
    assert last["y"] + last["height"] < page.viewport_size["height"]
    links.last.click()
    assert page.url.endswith(f"?tab={tabs[-1]}")
    assert page.locator("html").get_attribute("data-tab") == tabs[-1]
    page.locator(".bk-card a").first.click()
    assert page.locator("html").get_attribute("data-tab") == tabs[-1]


def test_when_a_framework_is_frozen_then_its_link_says_so(read):
    page = read("index.html", java_script_enabled=False)
    frozen = page.locator('.bk-start a[href$="tab=mxnet"]')
    assert frozen.locator(".bk-start-note").inner_text()
    assert page.locator(".bk-start-note").count() == 1


def test_when_a_section_has_exercises_then_their_kinds_are_marked(read):
    page = read()
    items = page.locator(".bk-exercise-list > li")
    assert items.count() >= 3
    assert page.locator(".bk-exercise-list > li > p > .bk-kind").count() == (
        items.count()
    )


def test_when_colours_are_forced_then_the_icon_of_a_button_is_still_seen(read):
    page = read(forced_colors="active")
    button = page.locator(CELL).filter(visible=True).first.locator(".bk-copy")
    button.focus()
    icon, ground = button.evaluate(
        "e => [getComputedStyle(e, '::before').backgroundColor,"
        " getComputedStyle(e).backgroundColor]"
    )
    assert icon != ground


def test_when_pages_are_turned_then_the_text_stays_in_its_column(
    reader, chapter, sections, site_url
):
    page = reader(viewport={"width": 1600, "height": 900}).new_page()
    places = set()
    for name in (chapter, sections[0]):
        page.goto(f"{site_url}/{name}")
        places.add(page.locator("h1").bounding_box()["x"])
    assert page.locator(".toc-tree").is_visible()
    assert len(places) == 1
