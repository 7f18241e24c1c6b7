"""The page of the search, as a reader meets it: sees it, presses keys, goes back."""

import re
from urllib.parse import quote

import pytest
from browsers import DESKTOP, PHONE

from bookkit.site.extension.search.blocks import CODE, TEXT
from bookkit.site.extension.search.index import script_of

RESULTS = "#search-results .bk-search-title"
OUTLINE = "(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])"
HOSTILE = [
    "<img src=x onerror=window.hacked=1>",
    '"><script>window.hacked=1</script>',
    "javascript:window.hacked=1",
    "{question} {count} %s ${window.hacked=1}",
    "constructor __proto__ toString hasOwnProperty",
]
MARKS_ARE_SEEN = """() => {
  const [first] = [...CSS.highlights.get("bk-found")];
  const { top, bottom } = first.getBoundingClientRect();
  return top > 50 && bottom < innerHeight - 50;
}"""
TITLES = "all => all.map(title => title.textContent)"


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport=DESKTOP)
    yield page
    page.close()


@pytest.fixture
def address(site_url):
    return lambda question: f"{site_url}/search.html?q={quote(question)}"


def titles(page):
    return page.locator(RESULTS).evaluate_all(TITLES)


def status(page):
    return page.locator("#search-status").inner_text()


def wait_for(page, condition, argument=None):
    # The page's policy lets no text become a script, but functions of the browser's.
    function = condition if "=>" in condition else f"() => {condition}"
    page.wait_for_function(function, arg=argument, timeout=5000)


def open_at(page, url):
    page.goto(url)
    wait_for(page, "document.querySelector('#search-results').children.length")
    return page


def test_when_found_then_place_excerpt_and_marks_are_shown(page, address):
    open_at(page, address("try_gpu 函数"))
    assert re.search(rf"有{len(titles(page))}页.*try_gpu 函数", status(page))
    place = page.locator(".bk-search-place").first
    marks = place.locator("mark").all_inner_texts()
    assert {mark.lower() for mark in marks} == {"try_gpu", "函数"}
    assert len(place.locator(".bk-search-excerpt").inner_text()) > 40
    headings = page.locator(".bk-search-heading").all_inner_texts()
    assert any(re.match(r"\d+\.\d+\.\d+ \S", heading) for heading in headings)
    assert page.title().startswith("try_gpu 函数")


def test_when_a_name_is_asked_then_where_it_is_defined_comes_first(page, address):
    open_at(page, address("try_all_gpus"))
    page.locator(".bk-search-heading").first.click()
    page.wait_for_load_state()
    anchor = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    code = page.locator(f'[id="{anchor}"] pre', has_text="def try_all_gpus")
    assert code.count()


def test_when_no_page_has_it_all_then_headings_that_do_come_first(page, address):
    """Chapter 参数管理 has a section 初始化; others speak of both in passing."""
    open_at(page, address("参数初始化"))
    assert status(page).startswith("没有哪一页包含")
    place = page.locator("#search-results > * li").first
    assert "参数管理" in place.locator("a").first.inner_text()
    assert place.locator(".bk-search-heading").first.inner_text().endswith("初始化")


def only_in(site_dir, sections, tab):
    """Return a name that code has in this tab alone."""
    own, others = set(), set()
    for section in sections:
        html = (site_dir / section).read_text(encoding="utf-8")
        panels = re.split(r'<div class="bk-panel" data-tab="(\w+)"', html)
        for name, panel in zip(panels[1::2], panels[2::2], strict=True):
            text = re.sub("<[^>]+>", " ", panel.partition("bk-tabs")[0])
            words = set(re.findall(r"(?a:[a-z]\w{7,})", text))
            (own if name == tab else others).update(words)
        others |= set(re.findall(r"(?a:[a-z]\w{7,})", panels[0]))
    return max(own - others, key=len)


def test_when_only_a_tab_has_it_then_the_link_opens_that_tab_there(
    reader, site_dir, sections, address
):
    framework = "tensorflow"
    name = only_in(site_dir, sections, framework)
    page = open_at(reader().new_page(), address(name))
    place = page.locator(".bk-search-place").first
    badge = place.locator(".bk-search-badge").inner_text()
    assert badge.lower() == framework
    link = place.locator("a.bk-search-heading")
    assert f"?visit={framework}&" in link.get_attribute("href")
    link.click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("data-tab") == framework
    panel = page.locator(".bk-panel:visible", has_text=name).first
    anchor = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    if anchor:
        section = page.locator(f'[id="{anchor}"]')
        assert section.locator(".bk-panel", has_text=name).count()
    wait_for(page, MARKS_ARE_SEEN)
    assert panel.count()


def test_when_a_page_has_it_in_a_tab_alone_then_its_title_opens_that_tab_too(
    reader, site_dir, sections, address
):
    name = only_in(site_dir, sections, "paddle")
    page = open_at(reader().new_page(), address(name))
    title = page.locator(RESULTS).first
    assert title.get_attribute("href").endswith("?visit=paddle")
    page.evaluate("""document.documentElement.dataset.tab = "paddle";
      document.dispatchEvent(new CustomEvent("bookkit:tab"))""")
    assert "visit=" not in title.get_attribute("href")
    open_at(page, address("Sequential"))
    assert "visit=" not in title.get_attribute("href")


def test_when_every_tab_has_it_then_the_readers_own_is_opened(reader, address):
    context = reader()
    context.add_init_script('localStorage.setItem("bookkit-tab", "paddle")')
    page = open_at(context.new_page(), address("Sequential"))
    badges = page.locator(".bk-search-badge").all_inner_texts()
    assert badges.count("PaddlePaddle") > 3
    for place in page.locator(".bk-search-place:has(.bk-search-badge)").all():
        if "PaddlePaddle" in place.inner_text():
            assert place.locator(".bk-search-badge").inner_text() == "PaddlePaddle"
    others = page.locator(".bk-search-others a").first
    assert re.search(
        r"\?visit=(pytorch|mxnet|tensorflow)&", others.get_attribute("href")
    )


def test_when_the_question_is_hostile_then_it_is_text(page, address):
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for question in HOSTILE:
        open_at(page, address(question))
        assert page.locator("#search-question").input_value() == question
        page.locator("#search-question").fill(f"{question} {question}x")
        page.keyboard.press("Enter")
        wait_for(page, "document.title.split(' - ')[0].endsWith('x')")
        assert question in status(page)
        assert page.evaluate("window.hacked") is None
        assert page.locator("#search-results").locator("img, script").count() == 0
        links = page.locator("#search-results a")
        schemes = links.evaluate_all("all => all.map(link => link.protocol)")
        assert set(schemes) <= {"http:"}
    assert complaints == []


def test_when_the_book_has_markup_in_its_text_then_it_is_shown_as_text(reader, address):
    heading = "<img src=x onerror=window.hacked=1> 词语"
    blocks = [
        (("a<b",), CODE, "</script><script>window.hacked=1</script> 词语 '\\\u2028"),
        ((), TEXT, "<b>词语</b> " * 40),
    ]
    index = script_of([("x.html", [("", heading, blocks)])], {"a<b": "<i>A</i>"})
    page = reader().new_page()
    page.route("**/searchindex.js", lambda route: route.fulfill(body=index))
    open_at(page, address("词语"))
    assert titles(page) == [heading]
    open_at(page, address("window.hacked"))
    assert "</script><script>" in page.locator("pre").inner_text()
    assert page.locator(".bk-search-badge").inner_text() == "<i>A</i>"
    assert page.evaluate("window.hacked") is None
    assert page.locator("#search-results").locator("img, script, b, i").count() == 0


def test_when_asked_again_then_back_and_forward_follow(page, address):
    open_at(page, address("参数"))
    first = titles(page)
    field = page.locator("#search-question")
    field.fill("参数绑定")
    field.press("Enter")
    wait_for(page, "document.title.startsWith('参数绑定')")
    second = titles(page)
    assert first != second
    field.fill("GPU")
    field.press("Enter")
    wait_for(page, "document.title.startsWith('GPU')")
    page.go_back()
    wait_for(page, "document.title.startsWith('参数绑定')")
    assert (titles(page), field.input_value()) == (second, "参数绑定")
    page.go_back()
    wait_for(page, "!document.title.includes('绑定')")
    assert (titles(page), field.input_value()) == (first, "参数")
    page.go_forward()
    wait_for(page, "document.title.startsWith('参数绑定')")
    assert titles(page) == second


def test_when_typing_then_answers_follow_but_not_while_composing(page, site_url):
    open_at(page, f"{site_url}/search.html")
    # Empty: the field is ready, and help is shown.
    assert page.evaluate("document.activeElement.id") == "search-question"
    assert "try_gpu" in page.locator(".bk-search-help").inner_text()
    session = page.context.new_cdp_session(page)
    session.send(
        "Input.imeSetComposition",
        {"text": "canshu", "selectionStart": 6, "selectionEnd": 6},
    )
    page.wait_for_timeout(300)
    assert page.locator("#search-question").input_value() == "canshu"
    assert status(page) == "" and "q=" not in page.url
    session.send("Input.insertText", {"text": "参数"})
    page.wait_for_selector(RESULTS)
    assert f"q={quote('参数')}" in page.url


def test_when_there_is_nothing_then_help_is_offered(page, address):
    open_at(page, address("try_gpuu"))
    assert "没有哪一页" in status(page) and "try_gpuu" in status(page)
    page.locator(".bk-search-help a", has_text="try_gpu").first.click()
    page.wait_for_selector(RESULTS)
    assert page.locator("#search-question").input_value() == "try_gpu"
    # Part of it is something.
    open_at(page, address("怎样初始化模型的参数呢"))
    assert any("初始化" in title for title in titles(page))
    open_at(page, address("Seq"))
    assert "Seq" in status(page) and titles(page)


def test_when_the_index_is_missing_then_the_page_says_so(reader, address):
    page = reader().new_page()
    page.route("**/searchindex.js", lambda route: route.abort())
    page.goto(address("参数"))
    wait_for(page, "document.querySelector('#search-status').innerText")
    assert "索引" in status(page)


def test_when_read_by_keyboard_then_the_count_is_told_and_focus_is_seen(page, address):
    open_at(page, address("参数"))
    region = page.locator("#search-status")
    assert region.get_attribute("role") == "status"
    assert (
        page.get_by_role("search").filter(has=page.locator("#search-question")).count()
    )
    assert page.get_by_role("searchbox", name="词语或代码").count() == 1
    # Who listens goes from page to page by headings.
    headings = page.locator("#search-results").get_by_role("heading")
    named = headings.filter(has=page.locator(".bk-search-title"))
    assert named.count() == len(titles(page)) > 0
    page.locator("#search-question").focus()
    page.keyboard.press("Tab")
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        where = "document.activeElement"
        reached.append(page.evaluate(f"{where}.className"))
        looks = page.evaluate(
            f"[{where}, {where}.closest('li')].map(e => {OUTLINE}(getComputedStyle(e)))"
        )
        assert any(s == "solid" and float(w[:-2]) >= 2 for s, w in looks), reached
    assert reached[0] == "bk-search-title" and "bk-search-heading" in reached
    more = page.locator("details summary").first
    hidden = page.locator(".bk-search-place").count()
    more.focus()
    page.keyboard.press("Enter")
    wait_for(page, f"document.querySelectorAll('.bk-search-place').length > {hidden}")
    assert page.locator("#search-results ol > li").count() == len(titles(page))


def test_when_the_window_is_narrow_then_results_do_not_scroll_sideways(page, address):
    page.set_viewport_size(PHONE)
    for question in ("参数", "nn.Sequential(nn.Linear", ""):
        open_at(page, address(question))
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
    page.set_viewport_size(DESKTOP)


def test_when_scripts_are_off_then_the_page_says_where_to_go(read):
    page = read("search.html", java_script_enabled=False)
    assert page.locator("noscript a").get_attribute("href") == "index.html"
