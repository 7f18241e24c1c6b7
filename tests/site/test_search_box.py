"""The sidebar's search box: it answers while one types, and a key leads to it."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from browsers import DESKTOP, PHONE
from choosing import choose
from test_axe import AXE, look_at, open_page
from test_weight import MOST_BYTES, WATCH

BOX = ".sidebar-search"
OPTIONS = "[role=listbox] [role=option]"
ACTIVE = "document.activeElement.getAttribute('aria-activedescendant')"
FOCUSED = "document.activeElement.className || document.activeElement.id"
FOLLOW = """tab => {
  document.documentElement.dataset.tab = tab;
  document.dispatchEvent(new CustomEvent("bookkit:tab", { detail: { tab } }));
}"""
IS_ON_TOP = """([x, y]) =>
  document.elementFromPoint(x, y).closest(".bk-search-popup") !== null"""
HOSTILE = '<img src=x onerror="window.hacked=1"> {question} constructor'


@pytest.fixture(scope="module")
def page(browser, site_url, sections):
    """A page whose box was never gone to, for tests that leave it as it was."""
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{site_url}/{sections[0]}")
    yield page
    assert page.complaints == []
    assert page.evaluate("broken") == []
    context.close()


def ask(page, question):
    page.locator(BOX).fill("")
    page.locator(BOX).press_sequentially(question)
    page.locator(".bk-search-said", has_text=f"“{question}”").wait_for()
    return page.locator(OPTIONS)


def without_found(address):
    """Return an address without what is to be marked there."""
    parts = urlsplit(address)
    asked = [one for one in parse_qsl(parts.query) if one[0] != "found"]
    return urlunsplit(parts._replace(query=urlencode(asked)))


def said(page):
    return page.locator(".sidebar-search-container [role=status]").inner_text()


def count_bytes(page, urls):
    return sum(len(page.request.get(url).body()) for url in urls)


def test_when_a_page_is_read_then_the_search_loads_when_wanted(page, site_dir):
    page.wait_for_load_state("networkidle")
    assert not [url for url in page.asked if "search" in url]
    before = len(page.asked)
    with page.expect_event(
        "requestfinished", lambda request: "searchindex" in request.url
    ):
        page.locator(BOX).focus()
    brought = page.asked[before:]
    others = [url for url in brought if "searchindex.js" not in url]
    assert len(brought) == 3 and len(others) == 2
    # By the same addresses as on the page of the search: kept from there, and for it.
    of_search = (site_dir / "search.html").read_text(encoding="utf-8")
    for url in others:
        assert re.search(r"\?v=[0-9a-f]{8}$", url)
        assert f'"{url.partition("/_static/")[2]}"' in of_search.replace("_static/", "")
    # What comes so late is no longer of the page's weight, but small all the same.
    assert count_bytes(page, others) < MOST_BYTES / 6
    page.locator(BOX).blur()
    page.locator(BOX).focus()
    assert len(page.asked) == before + 3


def test_when_typed_then_the_best_answers_show_where_and_in_which_framework(page):
    options = ask(page, "try_gpu")
    assert 2 <= options.count() <= 9
    first = options.first
    assert {mark.lower() for mark in first.locator("mark").all_inner_texts()} == {
        "try_gpu"
    }
    texts = options.all_inner_texts()
    assert any("PyTorch" in text for text in texts)
    assert re.search(r"有\d+页包含“try_gpu”", said(page))
    addresses = options.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert not any("visit=" in address for address in addresses)
    assert texts[-1] == "查看全部结果"
    # The same answers, in the same order, as the page of the search has.
    whole = page.context.new_page()
    whole.goto(options.last.get_attribute("href"))
    places = whole.locator(".bk-search-heading")
    assert first.evaluate("link => link.href") == places.first.evaluate(
        "link => link.href"
    )
    whole.close()


def test_when_chosen_by_arrows_then_enter_goes_there(page, site_url, sections):
    options = ask(page, "参数绑定")
    assert page.locator(BOX).get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(ACTIVE) == options.first.get_attribute("id")
    assert options.first.get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(ACTIVE) is None
    page.keyboard.press("ArrowUp")
    assert page.evaluate(ACTIVE) == options.last.get_attribute("id")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    aim = options.first.evaluate("link => link.href")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    # What was found is marked, and the address forgets it.
    assert without_found(page.url) == page.url == without_found(aim)
    assert "参数绑定" in page.locator("article").inner_text()
    # Without a choice Enter asks the page of the search.
    ask(page, "参数绑定")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.startswith(f"{site_url}/search.html?q=")
    page.goto(f"{site_url}/{sections[0]}")


def test_when_escape_or_tab_is_pressed_then_the_list_closes(page):
    popup = page.locator(".bk-search-popup")
    ask(page, "参数")
    page.keyboard.press("Escape")
    assert not popup.is_visible()
    assert page.locator(BOX).get_attribute("aria-expanded") == "false"
    assert page.locator(BOX).input_value() == "参数", "the first Escape only closes"
    page.keyboard.press("ArrowDown")
    assert popup.is_visible()
    page.keyboard.press("Tab")
    assert not popup.is_visible()
    assert page.evaluate("document.activeElement.closest('.sidebar-tree') !== null")


def test_when_a_question_is_hostile_or_has_no_answer_then_it_is_text(page):
    options = ask(page, "try_gpuu")
    assert options.first.inner_text().startswith("你要找的是不是")
    assert "没有哪一页包含“try_gpuu”" in said(page)
    page.locator(BOX).fill(HOSTILE)
    page.wait_for_function(
        "text => document.querySelector('.bk-search-said').innerText.includes(text)",
        arg=HOSTILE,
    )
    assert page.evaluate("window.hacked") is None
    page.locator(BOX).fill("")
    page.locator(".bk-search-popup").wait_for(state="hidden")


def test_when_a_framework_is_chosen_then_answers_lead_to_it(page):
    choose(page, "paddle")
    options = ask(page, "Sequential")
    assert any("PaddlePaddle" in text for text in options.all_inner_texts())
    addresses = options.evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert not any("visit=" in address for address in addresses)
    # While the list is open too, as another window may choose.
    page.evaluate(FOLLOW, "mxnet")
    assert any("MXNet" in text for text in options.all_inner_texts())
    choose(page, "pytorch")


def test_when_a_key_is_pressed_then_the_box_has_the_focus(page):
    for key in ("Control+k", "/"):
        page.locator("article").focus()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == "sidebar-search"
    # Where one types it is a letter, and with others it is somebody else's.
    page.locator(BOX).fill("")
    page.keyboard.press("/")
    assert page.locator(BOX).input_value() == "/"
    page.locator(BOX).fill("")
    page.locator(BOX).blur()
    for key in ("Control+/", "Alt+k", "k", "Control+Shift+k"):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) != "sidebar-search", key


def test_when_the_single_key_is_turned_off_then_it_stays_off(read, site_url):
    page = read("search.html")
    switch = page.get_by_label("按“/”键跳到搜索框")
    assert switch.is_checked()
    switch.focus()
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "bk-search-question"
    switch.uncheck()
    page.goto(f"{site_url}/index.html")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("Control+k")
    assert page.evaluate(FOCUSED) == "sidebar-search"
    page.goto(f"{site_url}/search.html")
    assert not switch.is_checked()


def test_when_read_on_a_phone_then_the_key_opens_the_drawer(reader, site_url, sections):
    context = reader(viewport=PHONE, reduced_motion="reduce")
    page = open_page(context, f"{site_url}/{sections[0]}")
    page.keyboard.press("Control+k")
    assert page.evaluate(FOCUSED) == "sidebar-search"
    options = ask(page, "参数")
    page.keyboard.press("ArrowDown")
    box = page.locator(".bk-search-popup").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert look_at(page, [".sidebar-drawer"]) == []
    # A finger: the drawer gives way to what lies below it on the same page.
    page.evaluate(
        """selector => {
          document.querySelector(selector).href = `${location.href}#here`;
        }""",
        OPTIONS,
    )
    options.first.click()
    assert not page.locator("#__navigation").is_checked()
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.locator("#__navigation").is_checked()
    page.keyboard.press("Escape")
    assert not page.locator("#__navigation").is_checked()


def test_when_looked_at_then_axe_finds_nothing_wrong_with_the_answers(page):
    ask(page, "参数 try_gpu")
    page.keyboard.press("ArrowDown")
    page.evaluate(AXE)
    assert look_at(page, [".sidebar-drawer"]) == []
    box = page.locator(".bk-search-popup").bounding_box()
    assert box["x"] + box["width"] <= DESKTOP["width"]
    assert box["y"] + box["height"] <= DESKTOP["height"]
    corner = [box["x"] + box["width"] - 30, box["y"] + 20]
    assert page.evaluate(IS_ON_TOP, corner), "something lies over the answers"
    page.keyboard.press("Escape")


def test_when_the_index_is_missing_then_the_box_says_so(reader, site_url, sections):
    page = reader().new_page()
    page.route("**/searchindex.js", lambda route: route.abort())
    page.goto(f"{site_url}/{sections[0]}")
    page.locator(BOX).press_sequentially("参数")
    page.locator(".bk-search-said", has_text="索引没有载入").wait_for()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "search.html?q=" in page.url


def test_when_scripts_are_off_then_the_box_is_a_form(read):
    page = read(java_script_enabled=False)
    assert page.locator(BOX).get_attribute("role") is None
    page.locator(BOX).fill("参数")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "search.html?q=" in page.url
