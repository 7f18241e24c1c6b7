"""Two frameworks side by side, where two columns of code fit."""

import pytest
from choosing import UNFOLD, choose, chosen, shown_tabs, tabs_of_book

NARROWER = {"width": 1270, "height": 900}
WIDE = {"width": 1600, "height": 1000}
SIDES = """kind => [...document.querySelectorAll(kind)]
  .filter((group) => group.getClientRects().length)
  .map((group) => [...group.children]
    .filter((one) => one.matches('.bk-panel, .bk-absent'))
    .filter((one) => one.getClientRects().length)
    .map((one) => {
      const { left, top, width } = one.getBoundingClientRect();
      const label = one.querySelector('.bk-panel-label');
      return [one.dataset.tab, left, top, width, !label || label.innerText.length > 1];
    })
    .sort((one, other) => one[1] - other[1]))"""


@pytest.fixture(scope="module")
def page(browser, sections, site_url):
    page = browser.new_page(viewport=WIDE)
    page.goto(f"{site_url}/{sections[0]}")
    page.evaluate(UNFOLD)
    yield page
    page.close()


def compare(page, tab):
    page.locator(".bk-compare select").select_option(tab)


def beside(page):
    return page.locator("html").get_attribute("data-compare")


def test_when_comparing_then_both_stand_side_by_side_and_one_step_ends_it(page):
    width = page.locator("article").bounding_box()["width"]
    compare(page, "paddle")
    assert shown_tabs(page) == {"pytorch", "paddle"}
    groups = page.evaluate(SIDES, ".bk-tabs-code")
    assert len(groups) == page.locator(".bk-tabs-code").count() > 1
    # Prose may be for one of them alone.
    prose = page.evaluate(SIDES, ".bk-tabs-text")
    assert prose and all(sides for sides in prose)
    for left, right in [*groups, *(sides for sides in prose if len(sides) == 2)]:
        assert (left[0], right[0]) == ("pytorch", "paddle")
        assert abs(left[2] - right[2]) < 1 and abs(left[3] - right[3]) < 1
        assert left[1] + left[3] < right[1] and left[4] and right[4]
    # Room for code: sixty letters and more, without a scroll bar of the page.
    assert groups[0][0][3] > 540
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    said = page.locator(".bk-bar [role=status]").text_content()
    assert "PyTorch" in said and "PaddlePaddle" in said
    assert "compare=paddle" in page.url
    page.locator(".bk-compare button").click()
    assert (beside(page), shown_tabs(page)) == (None, {"pytorch"})
    assert "compare" not in page.url and page.locator(".bk-compare button").is_hidden()
    assert page.locator("article").bounding_box()["width"] == width


def test_when_comparing_then_no_framework_stands_beside_itself(page):
    choose(page, "pytorch")
    compare(page, "mxnet")
    select = page.locator(".bk-compare select")
    offered = select.locator("option:not([disabled])").evaluate_all(
        "all => all.map(one => one.value)"
    )
    assert offered == ["", *[tab for tab in tabs_of_book(page) if tab != "pytorch"]]
    # The one beside is chosen: they change places.
    choose(page, "mxnet")
    assert (chosen(page), beside(page)) == ("mxnet", "pytorch")
    assert select.input_value() == "pytorch"
    page.go_back()
    page.wait_for_function("() => document.documentElement.dataset.compare === 'mxnet'")
    assert chosen(page) == "pytorch"
    page.locator(".bk-compare button").click()


def test_when_comparing_then_it_is_remembered_shared_and_only_where_there_is_room(
    reader, sections, site_url
):
    context = reader(viewport=WIDE)
    page = context.new_page()
    page.goto(f"{site_url}/{sections[0]}?tab=tensorflow&compare=mxnet")
    assert shown_tabs(page) == {"tensorflow", "mxnet"}
    page.goto(f"{site_url}/{sections[0]}")
    assert shown_tabs(page) == {"tensorflow", "mxnet"}
    page.emulate_media(media="print")
    assert shown_tabs(page) == {"tensorflow"}
    page.emulate_media(media="screen")
    page.set_viewport_size(NARROWER)
    assert shown_tabs(page) == {"tensorflow"}
    assert page.locator(".bk-compare").is_hidden()
    page.goto(f"{site_url}/{sections[0]}?tab=paddle&compare=paddle")
    assert beside(page) is None


def test_when_comparing_then_the_list_of_the_page_comes_when_asked_for(page):
    compare(page, "paddle")
    drawer = page.locator(".toc-drawer")
    drawer.wait_for(state="hidden")
    page.locator(".toc-content-icon").click()
    drawer.wait_for(state="visible", timeout=5000)
    drawer.locator("a[href^='#']").last.click()
    page.wait_for_function("() => location.hash.length > 1")
    assert beside(page) == "paddle"
