"""What axe finds on every page, in each framework and in both schemes: nothing."""

from pathlib import Path

import axe_playwright_python
import pytest
from conftest import PHONE

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SEARCH = "search.html?q=参数"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
ALL = {"type": "tag", "values": LEVELS}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RUN = """async ([rules, places]) => {
  const options = { runOnly: rules, resultTypes: ["violations"] };
  const include = places.filter((place) => document.querySelector(place));
  const found = await axe.run({ include: include.map((place) => [place]) }, options);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target} ${node.html.slice(0, 120)}`));
}"""
# A page has thousands of marks of a few colours: of those that look the same, at one
# kind of place in one framework, one is enough.
THIN_OUT = """() => {
  const seen = new Set();
  for (const mark of document.querySelectorAll(".highlight pre span, code span")) {
    const panel = mark.closest("[data-tab]:not(html)")?.dataset.tab;
    const kind = mark.closest("div[class*=highlight-]")?.className;
    const place = mark.closest("a, h1, h2, h3, p, li, td, th, aside")?.localName;
    const key = [panel, kind, place, mark.className].join(" | ");
    if (seen.has(key)) mark.replaceWith(mark.textContent);
    seen.add(key);
  }
}"""
# Furo's boxes stand before the page whose drawers they move: outside all landmarks.
OUTSIDE = ("region: #__navigation ", "region: #__toc ")
BREAK = """() => {
  const article = document.querySelector("article");
  article.insertAdjacentHTML("beforeend", '<img src="_static/bookkit.css">');
  article.querySelector("section > p:not([class])").classList.add("bk-broken");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("body[data-theme=dark] .bk-broken { color: #222; }");
  document.adoptedStyleSheets = [sheet];
}"""


def ask_axe(page, rules=ALL, places=("html",)):
    found = page.evaluate(RUN, [rules, places])
    return [line for line in found if not line.startswith(OUTSIDE)]


def wear(page, scheme):
    page.evaluate("scheme => { document.body.dataset.theme = scheme; }", scheme)


def choose(page, tab):
    page.locator(f'.bk-tab[data-tab="{tab}"]').first.evaluate("tab => tab.click()")
    assert page.locator("html").get_attribute("data-tab") == tab


def open_page(context, address):
    page = context.new_page()
    page.goto(address)
    if "search.html" in address:
        page.wait_for_selector("#search-results li a")
    page.evaluate(AXE)
    page.evaluate(THIN_OUT)
    return page


def test_when_a_page_is_broken_then_axe_finds_it(reader, site_url):
    page = open_page(reader(), f"{site_url}/index.html")
    page.evaluate(BREAK)
    assert any(line.startswith("image-alt") for line in ask_axe(page))
    assert ask_axe(page, COLOURS) == []
    wear(page, "dark")
    assert any("bk-broken" in line for line in ask_axe(page, COLOURS))


def test_when_any_page_is_looked_at_then_axe_finds_nothing(reader, pages, site_url):
    context = reader(reduced_motion="reduce")
    looks = 0
    for name in [*pages, SEARCH]:
        page = open_page(context, f"{site_url}/{name}")
        tabs = (page.locator("html").get_attribute("data-tabs") or "").split()
        if page.locator(".bk-tab").count() == 0:
            tabs = []
        assert look_at(page) == [], name
        for tab in tabs[1:]:
            choose(page, tab)
            # What else is there was looked at already.
            changed = [f'article [data-tab="{tab}"]', ".bk-tablist", ".toc-tree"]
            assert look_at(page, changed) == [], (name, tab)
            looks += 1
        page.close()
    assert looks > len(pages)


def look_at(page, places=("html",)):
    """Return what axe finds in both schemes."""
    wear(page, "light")
    found = ask_axe(page, ALL, places)
    wear(page, "dark")
    return found + ask_axe(page, COLOURS, places)


def test_when_two_frameworks_are_compared_then_axe_finds_nothing(
    reader, sections, site_url
):
    context = reader(reduced_motion="reduce", viewport={"width": 1700, "height": 1000})
    page = open_page(context, f"{site_url}/{sections[0]}")
    page.locator("#bk-compare").select_option(index=2)
    assert page.locator(".bk-panel:visible").count() > len(
        page.locator(".bk-tabs:visible").all()
    )
    assert look_at(page) == []


@pytest.mark.parametrize("drawer", ["__navigation", "__toc"])
def test_when_a_drawer_is_open_on_a_phone_then_axe_finds_nothing(
    reader, sections, site_url, drawer
):
    context = reader(viewport=PHONE, reduced_motion="reduce")
    page = open_page(context, f"{site_url}/{sections[0]}")
    page.locator(f"#{drawer}").press("Space")
    assert page.evaluate("document.activeElement.closest('aside') !== null")
    assert look_at(page) == []
