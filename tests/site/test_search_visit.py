"""What a search leads to: marked where it stands, and no change of a choice."""

from urllib.parse import quote

import pytest
from choosing import BAR, choose, chosen, shown_tabs

STRIP = ".bk-visit"
MARKED = '[...(CSS.highlights.get("bk-found") || [])].map(String)'
SEEN = """() => {
  const [first] = [...(CSS.highlights.get("bk-found") || [])];
  if (!first) return false;
  const { top, bottom } = first.getBoundingClientRect();
  return top > 0 && bottom < innerHeight;
}"""
STORED = 'localStorage.getItem("bookkit-tab")'


@pytest.fixture
def visitor(reader, site_url):
    """A reader of Paddle who follows a search's answer in MXNet."""
    context = reader()
    page = context.new_page()
    page.goto(f"{site_url}/index.html")
    choose(page, "paddle")
    page.goto(f"{site_url}/search.html?q={quote('name_scope')}")
    with page.expect_navigation():
        page.locator(".bk-search-heading").first.click()
    return page


def test_when_an_answer_is_in_another_framework_then_it_is_a_visit(visitor, site_url):
    page = visitor
    assert shown_tabs(page) == {"mxnet"}
    assert page.evaluate(STORED) == "paddle"
    said = page.locator(STRIP).inner_text()
    assert "MXNet" in said and "PaddlePaddle" in said
    assert page.locator(STRIP).get_attribute("role") == "status"
    # Another page shows the reader's own, by a link or an address.
    with page.expect_navigation():
        page.locator(".sidebar-tree a[href*='references']").last.click()
    assert chosen(page) == "paddle"
    page.go_back()
    page.reload()
    assert chosen(page) == "mxnet" and page.evaluate(STORED) == "paddle"
    page.locator(STRIP).get_by_role("button", name="回到PaddlePaddle").click()
    assert shown_tabs(page) == {"paddle"}
    assert "visit=" not in page.url and page.locator(STRIP).count() == 0
    # The way back is one to the visit.
    page.go_back()
    page.wait_for_function("() => document.documentElement.dataset.tab === 'mxnet'")
    assert page.locator(STRIP).count() == 1 and page.evaluate(STORED) == "paddle"
    page.go_forward()
    page.wait_for_function("() => document.documentElement.dataset.tab === 'paddle'")
    assert page.evaluate(STORED) == "paddle"


def test_when_the_visitor_stays_or_chooses_then_it_is_a_choice(visitor):
    page = visitor
    page.locator(STRIP).get_by_role("button", name="以后都看MXNet").click()
    assert page.evaluate(STORED) == chosen(page) == "mxnet"
    assert page.locator(STRIP).count() == 0
    page.go_back()
    page.locator(f'{BAR}[data-tab="tensorflow"] input').click()
    assert page.evaluate(STORED) == chosen(page) == "tensorflow"


def test_when_another_window_chooses_then_the_visit_stays(visitor):
    page = visitor
    other = page.context.new_page()
    other.goto(page.url.partition("?")[0])
    choose(other, "tensorflow")
    page.wait_for_function(
        "() => document.documentElement.dataset.own === 'tensorflow'"
    )
    assert chosen(page) == "mxnet"
    assert "TensorFlow" in page.locator(STRIP).inner_text()
    choose(other, "mxnet")
    page.locator(STRIP).wait_for(state="detached")


def test_when_an_answer_is_followed_then_its_place_is_seen_and_marked(read):
    page = read("search.html?q=" + quote("绑定 梯度"))
    page.wait_for_selector(".bk-search-heading")
    with page.expect_navigation():
        page.locator(".bk-search-heading").first.click()
    page.wait_for_function(SEEN)
    assert set(page.evaluate(MARKED)) == {"绑定", "梯度"}
    assert page.locator(".bk-found").count() == 1
    assert "found=" not in page.url and page.locator(STRIP).count() == 0
    # It stays there when everything has come, and for a reader who scrolls.
    page.wait_for_load_state("load")
    page.wait_for_timeout(100)
    assert page.evaluate(SEEN)


def test_when_an_answer_is_folded_or_spans_elements_then_it_is_opened_and_marked(read):
    page = read("search.html?q=" + quote("orthogonal_cases"))
    page.wait_for_selector(".bk-search-heading")
    with page.expect_navigation():
        page.locator(".bk-search-heading").first.click()
    page.wait_for_function(SEEN)
    assert page.evaluate(MARKED)[0] == "orthogonal_cases"
    page.goto(f"{page.url.partition('#')[0]}?found=d2l.check(&found=d2l.check")
    assert page.evaluate(MARKED)[0] == "d2l.check"


@pytest.mark.parametrize("found", ["", "(", "[a-", "\\", "<b>", "没有这样的字" * 50])
def test_when_what_was_found_is_nowhere_then_the_page_is_as_ever(
    reader, site_url, sections, found
):
    page = reader().new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site_url}/{sections[0]}?found={quote(found)}&found={quote(found)}&x=1")
    assert complaints == []
    assert "x=1" in page.url
    assert page.locator("article b").count() == 0
