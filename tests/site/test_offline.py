"""The site as files, in a folder of a server, and without a network."""

import functools
import re
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from choosing import choose, chosen, note_complaints, tabs_of_book
from serving import Quiet, serve

FOLDER = "/some/deep/path"


def note_failure(failed, request):
    """A page that is left no longer waits for its pictures."""
    if request.failure != "net::ERR_ABORTED":
        failed.append(request.url)


ADDRESS = re.compile(r'<[a-z][^<>]*?\s(?:href|src|action)="([^"]*)"')
ANCHOR = re.compile(r'\s(?:id|name)="([^"]+)"')


class InFolder(Quiet):
    """Serves the site below a path, and nothing beside it."""

    def translate_path(self, path):
        here, _, rest = path.partition(f"{FOLDER}/")
        return super().translate_path(f"/{rest}" if here == "" else "/not-there")


@pytest.fixture(scope="module")
def folder_url(site_dir):
    with serve(functools.partial(InFolder, directory=str(site_dir))) as address:
        yield f"{address}{FOLDER}"


def test_when_a_page_has_an_address_then_it_is_relative_and_there(site_dir, texts):
    site = site_dir.resolve()
    anchors = {site / name: set(ANCHOR.findall(text)) for name, text in texts.items()}
    followed = 0
    for name, text in texts.items():
        for address in ADDRESS.findall(text):
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme in ("https", "data"), f"{name}: {address}"
                continue
            assert not address.startswith("/"), f"{name}: {address}"
            path = unquote(parts.path)
            target = ((site / name).parent / path if path else site / name).resolve()
            assert target.is_file(), f"{name}: {address}"
            assert target.is_relative_to(site), f"{name}: {address}"
            anchor = unquote(urldefrag(address).fragment)
            if anchor and target.suffix == ".html":
                assert anchor in anchors[target], f"{name}: {address}"
            followed += 1
    assert followed > 20 * len(texts)


@pytest.mark.parametrize("way", ["files", "folder"])
def test_when_opened_as_files_or_in_a_folder_then_all_of_it_works(
    reader, site_dir, folder_url, pages, sections, way
):
    base = site_dir.as_uri() if way == "files" else folder_url
    page = reader().new_page()
    said = note_complaints(page)
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: note_failure(failed, request))
    # That all addresses are relative is proved without a browser, for every page.
    few = pages if way == "files" else ["index.html", sections[0]]
    for name in [*few, "search.html"]:
        page.goto(f"{base}/{name}")
        # Our scripts came, and Furo's.
        assert page.locator("[role=status]").count() >= 1, name
        assert "no-js" not in (page.locator("html").get_attribute("class") or "")
    other = tabs_of_book(page)[-1]
    page.goto(f"{base}/{sections[0]}")
    choose(page, other)
    page.locator(".related-pages a").first.click()
    page.wait_for_load_state()
    assert page.url.startswith(f"{base}/")
    assert chosen(page) == other
    # The search: its box answers, and leads to its page, which leads to the place.
    page.locator(".sidebar-search").press_sequentially("参数绑定")
    answer = page.locator("[role=listbox] [role=option]").first
    answer.wait_for()
    assert answer.evaluate("link => link.href").startswith(f"{base}/chapter_")
    page.keyboard.press("Enter")
    page.locator("#search-results .bk-search-heading").first.click()
    page.wait_for_url(f"{base}/chapter_*/**")
    assert "参数绑定" in page.locator("article").inner_text()
    assert said == [] and failed == []
    assert [url for url in asked if not url.startswith((f"{base}/", "data:"))] == []


def test_when_the_network_goes_then_an_open_page_works(reader, sections, site_url):
    context = reader()
    page = context.new_page()
    said = note_complaints(page)
    page.goto(f"{site_url}/{sections[0]}")
    search = context.new_page()
    search.goto(f"{site_url}/search.html?q=参数")
    search.wait_for_selector("#search-results li a")
    context.set_offline(True)
    other = tabs_of_book(page)[-1]
    choose(page, other)
    assert chosen(page) == other
    page.locator(".theme-toggle:visible").click()
    assert page.locator("body").get_attribute("data-theme") == "dark"
    search.locator("#search-question").fill("GPU")
    search.locator("#search-question").press("Enter")
    search.wait_for_function(
        "() => document.querySelector('#search-status').innerText.includes('GPU')"
    )
    assert search.locator("#search-results li a").count() > 0
    assert said == []
