"""Readers point at a place: they copy its address, and report an error there."""

import functools
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from choosing import choose, tabs_of_book
from serving import Quiet, serve

HEADING = "article h2 .headerlink"
#: The number of a cell that is not folded: what is folded takes no focus.
NUMBER = "article section > :is(.bk-cell, .bk-tabs) > .bk-cell-number"


def copied(page):
    return unquote(page.evaluate("navigator.clipboard.readText()"))


def test_when_a_permalink_is_pressed_then_the_address_is_copied_with_the_framework(
    read, site_url
):
    page = read(permissions=["clipboard-read", "clipboard-write"])
    path = urlsplit(page.url).path
    last = tabs_of_book(page)[-1]
    choose(page, last)
    for link in (page.locator(HEADING).first, page.locator(NUMBER).nth(1)):
        target = unquote(link.get_attribute("href"))
        link.scroll_into_view_if_needed()
        link.focus()
        page.keyboard.press("Enter")
        page.locator(f'a[data-said][href="{target}"]').wait_for()
        assert copied(page) == f"{site_url}{path}?tab={last}{target}"
        assert unquote(urlsplit(page.url).fragment) == target[1:]
        statuses = page.locator("[role=status]").all_inner_texts()
        assert "已复制这里的地址，打开时是现在的框架" in statuses


def test_when_the_clipboard_is_closed_then_the_address_bar_has_the_address(read):
    page = read()
    page.evaluate("() => { navigator.clipboard.writeText = () => { throw 1; }; }")
    link = page.locator(HEADING).first
    link.focus()
    page.keyboard.press("Enter")
    page.locator("article a[data-said]").wait_for()
    assert urlsplit(page.url).query == f"tab={tabs_of_book(page)[0]}"
    assert urlsplit(page.url).fragment


def test_when_an_address_of_a_cell_is_opened_then_it_is_in_sight(read, sections):
    page = read(f"{sections[0]}#cell-5")
    assert page.locator("#cell-5").evaluate(
        "one => Math.abs(one.getBoundingClientRect().top - 50) < 60"
    )


@pytest.fixture
def report(whole_book, reader):
    """Open a page of a book with a form, and return what its link would send."""
    with serve(
        functools.partial(Quiet, directory=str(whole_book / "_build" / "html"))
    ) as url:

        def sent(**options):
            page = reader(**options).new_page()
            page.goto(f"{url}/one/uses.html")
            link = page.locator("footer .bk-report")
            link.evaluate("""one => one.addEventListener('click', (event) => {
              event.preventDefault(); })""")
            link.click()
            asked = urlsplit(link.get_attribute("href"))
            assert asked.netloc == "example.org"
            return url, {key: one for key, (one,) in parse_qs(asked.query).items()}

        yield sent


def test_when_an_error_is_reported_then_the_form_knows_page_and_place(report):
    url, form = report()
    assert form["t"].endswith("使用”有错")
    lines = form["b"].splitlines()
    assert lines[0].startswith("页面：") and lines[0].endswith("（one/uses.md）")
    assert lines[2].startswith("位置：")
    assert lines[3] == f"地址：{url}/one/uses.html?tab=alpha#使用"
    assert lines[4].startswith("框架：")


def test_when_no_script_runs_then_the_form_knows_the_page(report):
    _, form = report(java_script_enabled=False)
    assert "（one/uses.md）" in form["b"]
    assert "位置：没有注明" in form["b"]


def test_when_no_form_is_configured_then_no_page_has_the_link(read):
    assert read().locator(".bk-report").count() == 0
