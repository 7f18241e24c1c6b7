"""What a link leads to is shown beside it: by mouse, by keyboard, on demand."""

import functools

import pytest
from choosing import choose, note_complaints, tabs_of_book
from playwright.sync_api import expect
from serving import Quiet, serve
from test_axe import ask_axe

PAGE = "chapter_computation/parameters.html"
BOX = ".bk-preview"
FIGURE = "article a[href$='#fig-weight-layout'].reference"
CITED = "article a.reference[href*='zreferences.html#cite-']"
SECTION = "article a.reference[href*='.html#sec-']"
SAVED = "article p a.bk-saved"
SEEN = "one => one.getClientRects().length > 0"


def seen(page, selector):
    """Return the first of them that is shown, with nothing in sight below it."""
    found = next(one for one in page.locator(selector).all() if one.is_visible())
    found.evaluate("one => one.scrollIntoView({ block: 'end' })")
    return found


@pytest.mark.parametrize(
    ("selector", "part"),
    [
        (FIGURE, "figure img"),
        (CITED, "p"),
        (SECTION, "strong"),
        (SAVED, "pre"),
        (".bk-eqno", "math"),
    ],
)
def test_when_the_mouse_rests_on_a_link_then_what_it_leads_to_is_shown(
    read, selector, part
):
    page = read(PAGE)
    said = note_complaints(page)
    if selector == ".bk-eqno":
        page = read("chapter_computation/use-gpu.html")
        selector = "article a.reference[href*='#equation-']"
        if page.locator(selector).count() == 0:
            pytest.skip("no formula is referred to")
    seen(page, selector).hover()
    expect(page.locator(f"{BOX} {part}").first).to_be_visible()
    for image in page.locator(f"{BOX} img").all():
        image.evaluate("one => one.decode()")
    assert said == []


def test_when_nobody_wants_one_then_nothing_of_it_is_loaded(reader, site_url):
    page = reader().new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site_url}/{PAGE}")
    assert [url for url in asked if "preview" in url] == []
    seen(page, CITED).hover()
    expect(page.locator(BOX)).to_be_visible()
    assert len([url for url in asked if "preview" in url]) == 3


def test_when_a_link_gets_the_focus_then_escape_closes_and_it_stays_there(read):
    page = read(PAGE)
    link = seen(page, CITED)
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(BOX)).to_be_visible()
    assert link.get_attribute("aria-describedby") == "bk-preview"
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).to_be_hidden()
    assert link.evaluate("one => one === document.activeElement")
    assert link.get_attribute("aria-describedby") is None


def test_when_the_pointer_moves_onto_it_then_it_stays_until_it_leaves(read):
    page = read(PAGE)
    seen(page, CITED).hover()
    box = page.locator(BOX)
    expect(box).to_be_visible()
    place = box.bounding_box()
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(*middle, steps=4)
    page.wait_for_timeout(600)
    assert box.is_visible()
    page.mouse.move(2, 2)
    expect(box).to_be_hidden()


def test_when_a_function_differs_by_framework_then_the_chosen_one_is_shown(read):
    page = read(PAGE)
    texts = set()
    for tab in tabs_of_book(page):
        choose(page, tab)
        seen(page, "article p a.bk-saved, article pre a.bk-saved").hover()
        box = page.locator(f"{BOX} pre")
        expect(box).to_be_visible()
        texts.add(box.inner_text())
        page.keyboard.press("Escape")
        page.mouse.move(2, 2)
    assert all(text.startswith("d2l.") for text in texts)


def test_when_a_finger_taps_then_the_link_is_followed_without_one(reader, site_url):
    page = reader(has_touch=True).new_page()
    page.goto(f"{site_url}/{PAGE}")
    seen(page, CITED).tap()
    page.wait_for_url("**/zreferences.html*")


def test_when_it_is_shown_then_axe_finds_nothing(reader, site_url):
    from test_axe import BUT_COLOURS, ONLY_COLOURS, open_page, wear

    page = open_page(reader(), f"{site_url}/{PAGE}")
    seen(page, CITED).hover()
    expect(page.locator(BOX)).to_be_visible()
    assert ask_axe(page, BUT_COLOURS, [BOX]) == []
    for scheme in ("light", "dark"):
        wear(page, scheme)
        assert ask_axe(page, ONLY_COLOURS, [BOX]) == []


@pytest.mark.parametrize("way", ["files", "folder"])
def test_when_the_site_lies_anywhere_then_previews_come(reader, site_dir, way):
    class InFolder(Quiet):
        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/some/where"))

    with serve(functools.partial(InFolder, directory=str(site_dir))) as url:
        base = site_dir.as_uri() if way == "files" else f"{url}/some/where"
        page = reader().new_page()
        page.goto(f"{base}/{PAGE}")
        seen(page, SECTION).hover()
        expect(page.locator(f"{BOX} strong")).to_be_visible()
