"""Where the bar stands, and that choosing moves nothing that a reader looks at."""

import pytest
from browsers import DESKTOP, PHONE
from choosing import BAR, CHIP, choose, chosen, scroll_to, shown_tabs, tabs_of_book

# Chromium anchors the scroll position by itself; not every browser does.
NO_ANCHORING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { overflow-anchor: none !important; }");
  document.adoptedStyleSheets = [sheet];
}"""
# Bring a heading or a paragraph of everybody's to the top, with a share of the page
# above it.
READ = """share => {
  const all = [...document.querySelectorAll('article section > :is(h2, h3, p)')];
  const steady = all.filter((one) => !one.matches('[class]'));
  window.read = steady[Math.round(share * (steady.length - 1))];
  const line = document.querySelector('.bk-bar').getBoundingClientRect().bottom;
  scrollBy({ top: read.getBoundingClientRect().top - line - 8, behavior: 'instant' });
}"""
# The first of them that is in sight.
READ_NOW = """() => {
  const line = document.querySelector('.bk-bar').getBoundingClientRect().bottom;
  window.read = [...document.querySelectorAll('article :is(h2, h3, p)')]
    .filter((one) => !one.closest('.bk-panel, .bk-for, .bk-tabs'))
    .find((one) => one.getBoundingClientRect().top > line);
}"""
TOP = "read.getBoundingClientRect().top"
SHIFT = """window.shift = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""
READY = "document.querySelector('.bk-chip') !== null"
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 90_000,
}
FITS = """() => {
  const { scrollWidth, clientWidth } = document.querySelector('.bk-switch');
  return scrollWidth <= clientWidth;
}"""
IS_KNOWN = """() => {
  const current = document.querySelector('.toc-tree .scroll-current a');
  return location.hash && current && current.hash === location.hash;
}"""
BELOW = """() => document.querySelector(':target h2').getBoundingClientRect().top
  - document.querySelector('.bk-bar').getBoundingClientRect().bottom"""


@pytest.fixture(scope="module")
def page(browser, sections, site_url):
    page = browser.new_page(viewport=DESKTOP)
    page.goto(f"{site_url}/{sections[0]}")
    page.evaluate(NO_ANCHORING)
    yield page
    page.close()


def test_when_chosen_in_the_bar_then_what_is_read_stays(page):
    # From the first screen to the last, where the page may end too early.
    for share in (0.05, 0.4, 0.8, 1):
        page.evaluate(READ, share)
        for tab in tabs_of_book(page)[::-1]:
            before = page.evaluate(TOP)
            choose(page, tab)
            assert chosen(page) == tab
            assert abs(page.evaluate(TOP) - before) < 2, (share, tab)


def test_when_the_end_of_the_page_comes_nearer_then_what_is_read_stays(page):
    # A window that shows several groups below what is read.
    page.set_viewport_size({"width": 1280, "height": 3000})
    end = "document.documentElement.scrollHeight"
    heights = {}
    for tab in tabs_of_book(page):
        choose(page, tab)
        heights[tab] = page.evaluate(end)
    longest, shortest = max(heights, key=heights.get), min(heights, key=heights.get)
    choose(page, longest)
    scroll_to(page, heights[longest])
    page.evaluate(READ_NOW)
    before = page.evaluate(TOP)
    choose(page, shortest)
    assert abs(page.evaluate(TOP) - before) < 2
    page.set_viewport_size(DESKTOP)


def test_when_chosen_at_a_group_then_it_stays_under_the_pointer(page):
    chips = page.locator(CHIP)
    for place in (chips.count() // 2, chips.count() - 1):
        group = chips.nth(place).locator(
            "xpath=ancestor::div[contains(@class, 'bk-tabs')]"
        )
        group = group.last.element_handle()
        for tab in tabs_of_book(page)[1:]:
            chip = group.query_selector(f'.bk-chip[data-tab="{chosen(page)}"]')
            chip.scroll_into_view_if_needed()
            before = chip.bounding_box()["y"]
            chip.click()
            page.locator(f'.bk-menu [data-tab="{tab}"]').click()
            chip = group.query_selector(f'.bk-chip[data-tab="{tab}"]')
            assert abs(chip.bounding_box()["y"] - before) < 2
            assert chip.evaluate("chip => chip === document.activeElement")


def test_when_choosing_inside_a_long_panel_then_it_stays_in_sight(page):
    choose(page, tabs_of_book(page)[0])
    tallest = page.evaluate(
        """() => { const tall = (one) => one.getBoundingClientRect().height;
          window.group = [...document.querySelectorAll('.bk-tabs')].reduce(
            (best, one) => (tall(one) > tall(best) ? one : best));
          const { bottom } = group.getBoundingClientRect();
          scrollTo({ top: scrollY + bottom - 120, behavior: 'instant' });
          return tall(group); }"""
    )
    assert tallest > 300
    for tab in tabs_of_book(page):
        choose(page, tab)
        line, top, bottom = page.evaluate(
            """() => { const { top, bottom } = group.getBoundingClientRect();
              const bar = document.querySelector('.bk-bar').getBoundingClientRect();
              return [bar.bottom, top, bottom]; }"""
        )
        assert top < line < bottom


@pytest.mark.parametrize("head_is_gone", [False, True], ids=["in time", "gone"])
def test_when_a_stored_choice_is_applied_then_nothing_moves(
    reader, sections, site_url, head_is_gone
):
    context = reader(viewport={"width": 1600, "height": 1000})
    context.add_init_script(
        """localStorage.setItem("bookkit-tab", "tensorflow");
        localStorage.setItem("bookkit-compare", "paddle");"""
        + SHIFT
    )
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    if head_is_gone:
        page.route("**/bookkit-head.js", lambda route: route.abort())
    page.goto(f"{site_url}/{sections[0]}", wait_until="load")
    page.wait_for_function(READY)
    assert shown_tabs(page) == {"tensorflow", "paddle"}
    # Without that script the page may have been painted before the choice is known
    assert head_is_gone or page.evaluate("window.shift") < 0.01


@pytest.mark.parametrize(
    "viewport",
    [{"width": 320, "height": 640}, PHONE, DESKTOP, {"width": 1440, "height": 900}],
    ids=["narrow", "phone", "desktop", "wide"],
)
def test_when_scrolled_then_the_bar_is_one_row_below_what_is_above_it(read, viewport):
    page = read(viewport=viewport, reduced_motion="reduce")
    for top in (0, 2000):
        scroll_to(page, top)
        fields = [one.bounding_box() for one in page.locator(BAR).all()]
        assert len({field["y"] for field in fields}) == 1
        right = max(field["x"] + field["width"] for field in fields)
        assert fields[0]["x"] >= 0 and right <= viewport["width"]
        assert page.evaluate(FITS)
        bar = page.locator(".bk-bar").bounding_box()
        header = page.locator(".mobile-header").bounding_box()
        assert bar["y"] == (header["height"] if header else 0)
        assert fields[0]["y"] >= bar["y"] and fields[0]["height"] >= 24
        icons = page.locator(".content-icon-container .theme-toggle").bounding_box()
        if icons:
            assert right < icons["x"] and icons["y"] < bar["y"] + bar["height"]
            page.locator(".content-icon-container .theme-toggle").click(trial=True)
    # Where an anchor leads to is below the bar, and Furo's list knows where that is.
    page.evaluate("document.querySelectorAll('.toc-tree li li a')[2].click()")
    page.wait_for_function(IS_KNOWN)
    assert -1 < page.evaluate(BELOW) < 60
