"""The choice of framework: remembered, shared, undone, and never in the way."""

import pytest
from browsers import DESKTOP, PHONE, start_chromium
from choosing import (
    choose,
    chosen,
    default,
    note_complaints,
    scroll_to,
    shown_tabs,
    tabs_of_book,
)

WAIT = "tab => document.documentElement.dataset.tab === tab"
Y = "scrollY"
BLOCKED = {
    "it throws": """for (const name of ["getItem", "setItem", "removeItem"])
      Storage.prototype[name] = () => { throw new Error("blocked"); };""",
    "it is not there": """Object.defineProperty(window, "localStorage",
      { get() { throw new DOMException("denied", "SecurityError"); } });""",
    "it is full": """Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError"); };""",
}
UNKNOWN = [
    "fortran",
    "",
    "__proto__",
    "PYTORCH",
    '"><script>window.hacked=1</script>',
    "javascript:window.hacked=1",
]


def wait_for(page, tab):
    page.wait_for_function(WAIT, arg=tab, timeout=5000)


def stored(page):
    return page.evaluate('localStorage.getItem("bookkit-tab")')


def follow_link(page):
    """Go to another page by the list of contents."""
    with page.expect_navigation():
        page.locator(".sidebar-tree a[href*='references']").last.click()


def test_when_chosen_then_remembered_in_all_windows(reader, sections, site_url):
    context = reader()
    page, other = context.new_page(), context.new_page()
    other.goto(f"{site_url}/{sections[1]}?tab=pytorch")
    page.goto(f"{site_url}/{sections[0]}")
    tab = tabs_of_book(page)[2]
    choose(page, tab)
    # Another window follows, and its address does not say otherwise.
    wait_for(other, tab)
    assert shown_tabs(other) == {tab}
    assert f"tab={tab}" in other.url
    page.reload()
    assert shown_tabs(page) == {tab}
    for name in (sections[1], "index.html", "search.html"):
        page.goto(f"{site_url}/{name}")
        assert chosen(page) == tab
        assert page.locator(".bk-framework input:checked").input_value() == tab


def test_when_an_address_names_a_framework_then_it_is_kept(reader, sections, site_url):
    page = reader().new_page()
    page.goto(f"{site_url}/{sections[0]}?tab=paddle&x=1#nowhere")
    assert shown_tabs(page) == {"paddle"}
    page.goto(f"{site_url}/{sections[1]}")
    assert shown_tabs(page) == {"paddle"}
    # What is chosen then replaces what was named, and nothing else.
    page.goto(f"{site_url}/{sections[0]}?tab=paddle&x=1#nowhere")
    choose(page, "mxnet")
    assert page.url.endswith("?tab=mxnet&x=1#nowhere")


def test_when_going_back_and_forward_then_the_choice_follows_and_nothing_moves(read):
    page = read()
    first, second, third = tabs_of_book(page)[:3]
    scroll_to(page, 1500)
    choose(page, second)
    choose(page, third)
    # Reading went on: the way back is one to the framework, not to the place.
    scroll_to(page, 3000)
    page.go_back()
    wait_for(page, second)
    assert shown_tabs(page) == {second}
    page.go_back()
    wait_for(page, first)
    assert "tab=" not in page.url
    page.wait_for_timeout(300)  # a browser restores positions after the event
    assert page.evaluate(Y) > 2200
    page.go_forward()
    wait_for(page, second)
    assert stored(page) == second
    # A link within the page is another place, with the same framework.
    page.evaluate("document.querySelector('.toc-tree li li a').click()")
    page.wait_for_function("() => location.hash.length > 1")
    page.go_back()
    page.wait_for_function("() => !location.hash")
    assert chosen(page) == second
    # From another page, the address that names a framework says which one.
    follow_link(page)
    choose(page, third)
    page.go_back()
    page.go_back()
    wait_for(page, second)
    page.reload()
    assert shown_tabs(page) == {second} == {stored(page)}


@pytest.mark.parametrize("asked", ["", "?tab=mxnet"])
def test_when_a_page_comes_back_from_the_cache_then_address_or_last_choice_counts(
    browser, sections, site_url, asked
):
    caching = start_chromium(browser.browser_type, with_cached_pages=True)
    page = caching.new_page(viewport=DESKTOP)
    page.goto(f"{site_url}/{sections[0]}{asked}")
    page.evaluate("window.stayed = 1")
    page.goto(f"{site_url}/index.html")
    choose(page, "paddle")
    page.evaluate("history.go(-2)")
    page.wait_for_function("() => window.stayed === 1")
    wanted = "mxnet" if asked else "paddle"
    wait_for(page, wanted)
    page.wait_for_timeout(100)  # for what the browser has yet to tell the page
    assert shown_tabs(page) == {wanted} == {stored(page)}
    caching.close()


@pytest.mark.parametrize("way", BLOCKED)
def test_when_storage_is_of_no_use_then_links_carry_the_choice(reader, site_url, way):
    context = reader()
    context.add_init_script(BLOCKED[way])
    page = context.new_page()
    complaints = note_complaints(page)
    page.goto(f"{site_url}/index.html")
    choose(page, "paddle")
    assert chosen(page) == "paddle"
    follow_link(page)
    assert chosen(page) == "paddle"
    page.locator(".sidebar-search").fill("参数")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert chosen(page) == "paddle"
    # Chosen again after the link was used already, and in another window.
    page.go_back()
    choose(page, "mxnet")
    with context.expect_page() as opened:
        page.locator(".sidebar-brand").click(button="middle")
    wait_for(opened.value, "mxnet")
    choose(page, "pytorch")
    with page.expect_navigation():
        page.locator(".sidebar-brand").click()
    assert chosen(page) == "pytorch"
    # Furo's own script asks for the storage as well.
    assert [one for one in complaints if "bookkit" in one] == []


def test_when_opened_as_a_file_then_the_choice_is_kept(reader, site_dir, sections):
    context = reader()
    page = context.new_page()
    complaints = note_complaints(page)
    page.goto((site_dir / sections[0]).as_uri())
    choose(page, "paddle")
    choose(page, "mxnet")
    page.go_back()
    wait_for(page, "paddle")
    follow_link(page)
    assert chosen(page) == "paddle"
    # Some browsers let no file change its address, and keep nothing for files.
    context.add_init_script(BLOCKED["it is not there"])
    context.add_init_script(
        'for (const name of ["pushState", "replaceState"]) History.prototype[name] = '
        '() => { throw new DOMException("no", "SecurityError"); };'
    )
    page.goto((site_dir / sections[0]).as_uri())
    choose(page, "tensorflow")
    page.evaluate("document.querySelector('.toc-tree li li a').click()")
    page.wait_for_function("() => location.hash.length > 1")
    assert shown_tabs(page) == {"tensorflow"}
    follow_link(page)
    assert chosen(page) == "tensorflow"
    assert [one for one in complaints if "bookkit" in one] == []


def test_when_an_unknown_tab_is_asked_or_stored_then_the_default_shows(
    reader, site_url
):
    page = reader().new_page()
    complaints = note_complaints(page)
    page.goto(f"{site_url}/index.html")
    for name in UNKNOWN:
        page.evaluate(
            """name => { localStorage.setItem("bookkit-tab", name);
              localStorage.setItem("bookkit-compare", name);
              const url = new URL("index.html?new", location.href);
              url.searchParams.set("tab", name);
              url.searchParams.set("compare", name);
              location.href = url.href; }""",
            name,
        )
        page.wait_for_url("**compare=**")
        assert chosen(page) == default(page)
        assert page.locator("html").get_attribute("data-compare") is None
        assert page.evaluate("window.hacked") is None
        choose(page, "mxnet")
        assert chosen(page) == stored(page) == "mxnet"
        assert "compare" not in page.url
    assert complaints == []


def test_when_a_reader_chooses_all_there_is_then_this_is_kept_and_no_more(
    reader, sections, site_url
):
    context = reader(viewport=PHONE, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{site_url}/{sections[0]}")
    page.locator(".bk-wrap:visible").first.tap()
    page.set_viewport_size(DESKTOP)
    choose(page, tabs_of_book(page)[1])
    page.locator(".theme-toggle:visible").click()
    page.goto(f"{site_url}/{sections[0]}?compare={tabs_of_book(page)[0]}")
    page.goto(f"{site_url}/search.html?q=x")
    page.get_by_label("按“/”键跳到搜索框").uncheck()
    names = page.evaluate("Object.keys(localStorage).sort()")
    known = ["bookkit-compare", "bookkit-slash", "bookkit-tab", "bookkit-wrap", "theme"]
    assert names == known
    assert page.evaluate("Object.keys(sessionStorage)") == []
    assert context.cookies() == []
