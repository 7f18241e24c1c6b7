"""Readable for all: zoomed, without motion, in few colours, in the page's language."""

import io
import re

import pytest
from PIL import Image

HAN = re.compile("[\u4e00-\u9fff]")
TAG = re.compile(r"<[a-z][^<>]*>")
SPOKEN = re.compile(r'\s(?:aria-label|title|alt|placeholder)="([^"]+)"')
# Names of works stay in their language, and titles of pages are the author's.
NAMES = re.compile(r'class="reference internal"|rel="(next|prev)"')
# By how much each framework's page is too wide; what cuts text off, and cannot scroll.
TOO_WIDE = """(tabs) => {
  const root = document.documentElement;
  const wide = tabs.map((tab) => {
    if (tab) root.dataset.tab = tab;
    return root.scrollWidth - root.clientWidth;
  });
  const cut = [...document.querySelectorAll("body *")].filter((box) => {
    if (box.scrollWidth <= box.clientWidth + 1) return false;
    const { overflowX, position } = getComputedStyle(box);
    return ["hidden", "clip"].includes(overflowX) && position !== "absolute" &&
      box.innerText?.trim();
  });
  return { wide, cut: cut.map((box) => box.outerHTML.slice(0, 80)) };
}"""
# Width in CSS pixels, and the reader's size of text: a desk, its zoom to 200 %, its
# text alone at 200 %, and the narrowest window that WCAG asks for.
SIZES = [(1280, 16), (640, 16), (1280, 32), (320, 16)]


def test_when_zoomed_or_narrow_then_nothing_is_cut_or_too_wide(reader, pages, site_url):
    context = reader()
    page = context.new_page()
    browser = context.new_cdp_session(page)
    for name in [*pages, "search.html?q=参数"]:
        page.goto(f"{site_url}/{name}")
        tabs = (page.locator("html").get_attribute("data-tabs") or "").split()
        if page.locator(".bk-panel").count() == 0:
            tabs = []
        for width, text in SIZES:
            page.set_viewport_size({"width": width, "height": 900})
            browser.send("Page.setFontSizes", {"fontSizes": {"standard": text}})
            found = page.evaluate(TOO_WIDE, tabs or [""])
            where = f"{name} at {width} px, text of {text} px"
            assert max(found["wide"]) <= 0, f"{where}: {found['wide']} px too wide"
            assert found["cut"] == [], where


def test_when_motion_is_unwanted_then_nothing_moves(read):
    page = read(reduced_motion="reduce")
    moving = page.evaluate("""() => {
      const all = [document.documentElement, ...document.querySelectorAll("body *")];
      return all.filter((box) => {
        const style = getComputedStyle(box);
        const times = `${style.transitionDuration}, ${style.animationDuration}`;
        return /[1-9]/.test(times) || style.scrollBehavior === "smooth";
      }).map((box) => box.outerHTML.slice(0, 80));
    }""")
    assert moving == []


def colours_of(png):
    """Return the colours that a good part of a picture has."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    counts = image.getcolors(maxcolors=image.width * image.height)
    return {colour for count, colour in counts if count > 2 * image.height}


def test_when_colours_are_forced_then_the_choice_is_still_seen(read):
    page = read(forced_colors="active")
    # Forced colours are painted, but computed styles do not tell them.
    chosen, other = (
        colours_of(page.locator(".bk-framework").nth(place).screenshot())
        for place in (0, 1)
    )
    assert chosen - other


def test_when_read_aloud_then_every_page_speaks_its_language(texts):
    titles = []
    for name, html in texts.items():
        assert re.search(r'<html[^>]* lang="zh-CN"', html), name
        titles += re.findall(r"<title>(.*?)</title>", html, re.DOTALL)
        assert len(re.findall(r"<h1\b", html)) == 1, name
        tags = [tag for tag in TAG.findall(html) if not NAMES.search(tag)]
        spoken = {text for tag in tags for text in SPOKEN.findall(tag)}
        assert spoken
        assert {text for text in spoken if not HAN.search(text)} == set(), name
    assert len(set(titles)) == len(titles) == len(texts)
    assert all(HAN.search(title) for title in titles)


@pytest.mark.parametrize("landmark", ["main", "complementary", "navigation", "search"])
def test_when_a_landmark_is_asked_for_then_it_is_there(read, landmark):
    page = read()
    assert page.get_by_role(landmark).count() >= 1
