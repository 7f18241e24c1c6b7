"""What a page asks for when it is read for the first time: little, of no one else."""

import pytest
from browsers import DESKTOP

# Promised for any machine: the font for formulas counts wherever there is one to draw.
# A section shows one framework at a time and holds four, with solutions and pictures.
MOST_BYTES = 500_000
FONT = "bookkit-math.woff2"
MOST_REQUESTS = 15
# The search's index grows with the book; the rest of its page does not.
INDEX = "searchindex.js"
WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", (event) => broken.push(
  `${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
# Images below the window too, as if it had been scrolled through: of the framework that
# is shown, and of no other.
LOAD_ALL = """() => Promise.all(
  [...document.images].filter((image) => image.checkVisibility()).map((image) => {
    image.loading = "eager";
    return image.decode();
  }))"""
# Asked of the page: what a browser's timing says of them depends on when they arrive.
BLOCKING = """() => [...document.querySelectorAll("script[src], link[rel=stylesheet]")]
  .filter((one) => one.localName === "link" || !(one.async || one.defer))
  .map((one) => new URL(one.src || one.href).pathname)"""


COOKIE = "document.cookie"


class Visit:
    """What was asked for, said and broken while one page was read."""

    def __init__(self, context, address):
        self.requests, self.failed, self.said = [], [], []
        context.add_init_script(WATCH)
        context.on("requestfinished", lambda request: self.requests.append(request))
        context.on("requestfailed", lambda request: self.failed.append(request.url))
        context.on("console", lambda message: self.said.append(message.text))
        context.on("weberror", lambda error: self.said.append(str(error.error)))
        page = context.new_page()
        self.policy = page.goto(address, wait_until="load").header_value(
            "content-security-policy"
        )
        page.evaluate(LOAD_ALL)
        self.blocking = page.evaluate(BLOCKING)
        self.broken = page.evaluate("broken")
        self.cookies = [*context.cookies(), *filter(None, [page.evaluate(COOKIE)])]
        self.has_formulas = page.locator("math").count() > 0
        self.sizes = {item.url: len(item.response().body()) for item in self.requests}


@pytest.fixture(scope="module")
def visits(browser, pages, site_url):
    """One visit of each page, with nothing kept from another."""
    found = {}
    for name in [*pages, "search.html?q=a"]:
        context = browser.new_context(viewport=DESKTOP)
        found[name] = Visit(context, f"{site_url}/{name}")
        context.close()
    return found


def of_each(visits, what):
    return {name: getattr(visit, what) for name, visit in visits.items()}


def test_when_read_then_no_other_host_is_asked(visits, site_url):
    for name, visit in visits.items():
        asked = [url for url in visit.sizes if not url.startswith("data:")]
        assert len(asked) > 3, name
        assert [url for url in asked if not url.startswith(f"{site_url}/")] == [], name
    assert not any(of_each(visits, "failed").values()), of_each(visits, "failed")


def test_when_read_then_no_cookie_is_set(visits):
    assert not any(of_each(visits, "cookies").values()), of_each(visits, "cookies")


def test_when_read_under_the_policy_then_nothing_breaks_it(visits):
    assert all("default-src 'none'" in visit.policy for visit in visits.values())
    assert not any(of_each(visits, "broken").values()), of_each(visits, "broken")


def test_when_read_then_no_script_complains(visits):
    assert not any(of_each(visits, "said").values()), of_each(visits, "said")


def counted(visit, site_dir):
    """Return the files of a visit that count, on a machine that lacks all it may."""
    files = {url.rpartition("/")[2]: size for url, size in visit.sizes.items()}
    if visit.has_formulas:
        files[FONT] = (site_dir / "_static" / FONT).stat().st_size
    return {name: size for name, size in files.items() if not name.startswith(INDEX)}


def test_when_read_for_the_first_time_then_a_page_is_light(visits, site_dir):
    for name, visit in visits.items():
        files = counted(visit, site_dir)
        assert len(visit.sizes) <= len(files) + 1 <= MOST_REQUESTS, (name, files)
        assert sum(files.values()) <= MOST_BYTES, (name, files)


def test_when_a_page_has_formulas_then_their_font_counts(visits, site_dir):
    with_font = {name for name in visits if FONT in counted(visits[name], site_dir)}
    assert with_font == {name for name in visits if visits[name].has_formulas}
    assert 0 < len(with_font) < len(visits)


def test_when_read_then_only_style_sheets_hold_up_the_first_paint(visits):
    for name, visit in visits.items():
        assert visit.blocking, f"{name} has no style sheet"
        assert [file for file in visit.blocking if not file.endswith(".css")] == [], (
            name
        )


def test_when_published_then_every_file_is_of_use_to_some_page(visits, site_dir):
    loaded = {url.partition("?")[0] for visit in visits.values() for url in visit.sizes}
    static = site_dir / "_static"
    files = {path.relative_to(static).as_posix() for path in static.rglob("*.*")}
    unused = {
        file
        for file in files
        if not any(url.endswith(f"/_static/{file}") for url in loaded)
    }
    # Terms of a licence, which stay with the script that they belong to; and a font for
    # machines that have none for formulas. Previews come when a link is pointed at.
    wanted = {FONT, "bookkit-previews.css", "bookkit-previews.js"}
    assert unused - wanted == {"scripts/furo.js.LICENSE.txt"}
