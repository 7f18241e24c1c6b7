"""What axe finds on every page, in each framework and in both schemes: nothing."""

from pathlib import Path

import axe_playwright_python
import pytest
from browsers import PHONE
from choosing import UNFOLD, choose, chosen, tabs_of_book

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
SEARCH = "search.html?q=参数"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
BUT_COLOURS = {
    "runOnly": {"type": "tag", "values": LEVELS},
    "rules": {rule: {"enabled": False} for rule in COLOURS},
}
ONLY_COLOURS = {"runOnly": {"type": "rule", "values": COLOURS}}
RUN = """async ([options, places]) => {
  const include = places.filter((place) => document.querySelector(place));
  if (!include.length) return [];
  const found = await axe.run(
    { include: include.map((place) => [place]) },
    { ...options, resultTypes: ["violations"] },
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target} ${node.html.slice(0, 120)}`));
}"""
# A page has thousands of marks in code: one of each kind in each framework is enough,
# and axe takes half the time.
THIN_OUT = """() => {
  const seen = new Set();
  for (const mark of document.querySelectorAll(".highlight pre *:not(a)")) {
    const panel = mark.closest("[data-tab]:not(html)")?.dataset.tab;
    const kind = mark.closest(".highlight")?.className;
    const key = [panel, kind, mark.localName, mark.className].join(" | ");
    if (seen.has(key)) mark.replaceWith(...mark.childNodes);
    seen.add(key);
  }
}"""
# Contrast depends on colours, size and weight alone: of texts that have the same, one
# is enough, and none that was looked at on another page.
MARK = """(seen) => {
  const known = new Set(seen);
  const grounds = new Map();
  const groundOf = (box) => {
    if (!box) return "canvas";
    if (!grounds.has(box)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(box);
      const isOwn = !/, 0\\)$|transparent/.test(backgroundColor);
      const isOdd = backgroundImage !== "none" || opacity !== "1";
      const ground = isOdd ? `${Math.random()}` : isOwn && backgroundColor;
      grounds.set(box, ground || groundOf(box.parentElement));
    }
    return grounds.get(box);
  };
  for (const box of document.querySelectorAll("body *")) {
    box.removeAttribute("data-look");
    const texts = [...box.childNodes].filter((node) => node.nodeType === 3);
    if (!texts.some((node) => node.data.trim()) || !box.checkVisibility()) continue;
    const { color, fontSize, fontWeight, textDecorationLine } = getComputedStyle(box);
    const around = box.localName === "a" && [
      getComputedStyle(box.parentElement).color, textDecorationLine];
    const look = [color, groundOf(box), fontSize, fontWeight, around].join(" | ");
    if (known.has(look)) continue;
    known.add(look);
    box.dataset.look = "";
  }
  return [...known];
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


def ask_axe(page, options, places=("html",)):
    found = page.evaluate(RUN, [options, places])
    return [line for line in found if not line.startswith(OUTSIDE)]


def look_at(page, places=("html",), seen=None):
    """Return what axe finds in both schemes; `seen` are looks already looked at."""
    found = ask_axe(page, BUT_COLOURS, places)
    seen = {} if seen is None else seen
    for scheme in ("light", "dark"):
        wear(page, scheme)
        seen[scheme] = page.evaluate(MARK, seen.get(scheme, []))
        found += ask_axe(page, ONLY_COLOURS, ["[data-look]"])
    return found


def wear(page, scheme):
    page.evaluate("scheme => { document.body.dataset.theme = scheme; }", scheme)


def show_all(page):
    """Show every framework at once, as without JavaScript."""
    page.evaluate("""() => new Promise((drawn) => {
      delete document.documentElement.dataset.tab;
      // What scrolls becomes reachable when the page has been drawn.
      requestAnimationFrame(() => setTimeout(drawn));
    })""")


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
    found = look_at(page)
    assert any(line.startswith("image-alt") for line in found)
    (dark,) = [line for line in found if line.startswith("color-contrast")]
    assert "bk-broken" in dark


def test_when_any_page_is_shown_then_axe_finds_nothing(
    reader, pages, sections, site_url
):
    context = reader(reduced_motion="reduce")
    seen = {}
    for name in [*pages, SEARCH]:
        page = open_page(context, f"{site_url}/{name}")
        assert look_at(page, seen=seen) == [], name
        if name in sections:
            page.evaluate(UNFOLD)
            show_all(page)
            shown = page.locator(".bk-panel").evaluate_all(
                "all => all.every((panel) => panel.checkVisibility())"
            )
            assert shown, name
            assert look_at(page, ["article"], seen) == [], name
        page.close()
    assert min(map(len, seen.values())) > 20


def test_when_a_framework_is_chosen_then_axe_finds_nothing(reader, sections, site_url):
    page = open_page(reader(reduced_motion="reduce"), f"{site_url}/{sections[0]}")
    for tab in tabs_of_book(page)[1:]:
        choose(page, tab)
        assert chosen(page) == tab
        page.evaluate(
            "new Promise((go) => requestAnimationFrame(() => setTimeout(go)))"
        )
        assert look_at(page) == [], tab


def test_when_frameworks_are_compared_then_axe_finds_nothing(
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
def test_when_a_phone_has_a_drawer_open_then_axe_finds_none(reader, site_url, drawer):
    context = reader(viewport=PHONE, reduced_motion="reduce")
    page = open_page(context, f"{site_url}/index.html")
    page.locator(f"#{drawer}").press("Space")
    assert page.evaluate("document.activeElement.closest('aside') !== null")
    assert look_at(page) == []
