"""Bad input of any kind: no script runs, nothing breaks, pages stay readable."""

import functools

import pytest
from choosing import choose, chosen, note_complaints, tabs_of_book
from serving import Quiet, serve

EVIL = '"><img src=x onerror="window.caught = 1"><script>window.caught = 1</script>'
ADDRESSES = [
    "?tab=__proto__&compare=constructor#%",
    "?tab={evil}&compare={evil}&highlight={evil}&q={evil}#{evil}",
    "?tab=%00&tab=%ff%fe#:~:text={evil}",
    "?{evil}",
]
# Of the framework, of the one beside it, and of the colours.
STORED = [
    ("fortran", EVIL, "__proto__"),
    (EVIL, "__proto__", ""),
    ("长" * 100_000, "null", EVIL),
]
FILL = """() => {
  let text = "x".repeat(1 << 20);
  for (let at = 0; text.length; at += 1) {
    try { localStorage.setItem(`filler-${at}`, text); }
    catch { text = text.slice(0, text.length >> 1); }
  }
}"""
LONG = """() => {
  const word = "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(9);
  const cells = `<td>${"column".repeat(3)}</td>`.repeat(30);
  document.querySelector("article section").insertAdjacentHTML("beforeend", `
    <h2>${word}</h2><p>${word} <a href="#">https://example.org/${word}</a></p>
    <p><code class="docutils literal notranslate">${word}</code></p>
    <ul><li>${word}</li></ul><blockquote><p>${word}</p></blockquote>
    <div class="table-wrapper docutils container"><table class="docutils">
    <tbody><tr>${cells}</tr></tbody></table></div>
    <div class="highlight notranslate"><pre>${word}</pre></div>
    <div class="output highlight notranslate">
    <pre>${(word + "\\n").repeat(999)}</pre></div>`);
  document.querySelector(".sidebar-tree a").textContent = word;
  document.querySelector(".sidebar-brand-text").textContent = word;
  document.querySelector(".brand").textContent = word;
}"""


class Sandboxed(Quiet):
    """Gives each page an origin of its own, which may store nothing."""

    policy = "sandbox allow-scripts"

    def end_headers(self) -> None:
        # Its fonts are another origin's to such a page, where the machine has none
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()


def is_whole(page):
    """Tell whether the page reads as if nothing had been the matter."""
    assert page.evaluate("window.caught") is None
    assert chosen(page) in tabs_of_book(page)
    shown = page.locator(".bk-panel:visible")
    assert shown.count() > 1
    return True


@pytest.mark.parametrize("place", ["section", "search.html"])
def test_when_an_address_is_hostile_then_no_script_runs(
    reader, sections, site_url, place
):
    page = reader().new_page()
    said = note_complaints(page)
    address = f"{site_url}/{sections[0] if place == 'section' else place}"
    page.goto(address)
    scripts = page.locator("script").count()
    for written in ADDRESSES:
        page.goto(address + written.replace("{evil}", EVIL))
        if place == "section":
            assert is_whole(page), written
        assert page.evaluate("window.caught") is None, written
        assert page.locator("script").count() == scripts, written
        assert page.locator("img[src=x]").count() == 0, written
    assert said == []


def test_when_what_is_stored_is_of_no_use_then_the_page_starts_afresh(read):
    page = read()
    default = tabs_of_book(page)[0]
    said = note_complaints(page)
    for stored in STORED:
        page.evaluate(
            """([tab, compare, theme]) => {
              localStorage.setItem("bookkit-tab", tab);
              localStorage.setItem("bookkit-compare", compare);
              localStorage.setItem("theme", theme);
            }""",
            stored,
        )
        page.reload()
        assert is_whole(page), str(stored)[:80]
        assert chosen(page) == default, str(stored)[:80]
        assert page.locator("body").get_attribute("data-theme") == "auto"
        assert page.locator(".theme-toggle:visible svg:visible").count() == 1
    assert said == []


def test_when_the_storage_is_full_then_choices_hold_on_the_page(read):
    page = read(color_scheme="light")
    page.evaluate(FILL)
    said = note_complaints(page)
    other = tabs_of_book(page)[-1]
    choose(page, other)
    assert chosen(page) == other
    schemes = []
    for _ in range(3):
        page.locator(".theme-toggle:visible").click()
        schemes.append(page.locator("body").get_attribute("data-theme"))
    assert schemes == ["dark", "light", "auto"]
    assert is_whole(page)
    assert said == []


def test_when_the_storage_is_blocked_then_choices_hold(reader, sections, site_dir):
    page = reader(color_scheme="light").new_page()
    said = note_complaints(page)
    with serve(functools.partial(Sandboxed, directory=str(site_dir))) as address:
        page.goto(f"{address}/{sections[0]}")
    other = tabs_of_book(page)[-1]
    choose(page, other)
    assert chosen(page) == other
    assert page.locator(".theme-toggle:visible svg:visible").count() == 1
    page.locator(".theme-toggle:visible").click()
    assert page.locator("body").get_attribute("data-theme") == "dark"
    assert is_whole(page)
    assert said == []


@pytest.mark.parametrize("width", [1280, 320])
def test_when_words_outputs_and_tables_are_endless_then_only_they_scroll(read, width):
    page = read(viewport={"width": width, "height": 800})
    page.evaluate(LONG)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
    cut = page.evaluate("""() => [...document.querySelectorAll("article *")]
      .filter((box) => {
        const style = getComputedStyle(box);
        return style.overflowX === "hidden" && style.position !== "absolute"
          && box.scrollWidth > box.clientWidth + 1;
      }).map((box) => box.outerHTML.slice(0, 80))""")
    assert cut == []
