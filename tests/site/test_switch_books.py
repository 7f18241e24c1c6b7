"""Books whose pages lack frameworks: all pages tell of it, whatever is built again."""

import re

import pytest
from browsers import DESKTOP
from choosing import choose, shown_tabs
from site_books import (
    CONFIG,
    TABS,
    notebooks_of,
    page_of,
    write_files,
)

from bookkit.site.build import build_site

INDEX = """# 书

```toc
:numbered:

both
only
prose
partly
```
"""
BOTH = """# 两样{name}

```{{.python .input}}
#@tab alpha
alpha()
```

```{{.python .input}}
#@tab beta
beta()
```
"""
ONLY = """# 只有一样

开头。

```{.python .input}
#@tab alpha
alpha()
```
"""
PARTLY = f"""{BOTH.format(name="再来")}
还有：

```{{.python .input}}
#@tab alpha
more()
```

接着：

:begin_tab:`alpha`
只给Alpha的话。
:end_tab:

完。
"""
# A name that HTML would take for markup.
NAME = "Be & <ta>"
TITLED = f"{CONFIG}[bookkit-beta]\ntitle = {NAME}\n"
LACKS = f"无{NAME}版"
MARKED = re.compile(r'<a [^>]*href="([^"]*)"[^>]*>(?:(?!</a>).)*bk-lacks', re.DOTALL)
LINKS = "all => all.map(link => new URL(link.href).pathname.split('/').pop())"
NEXT, PREVIOUS = ".next-page:visible", ".prev-page:visible"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = tmp_path_factory.mktemp("book")
    files = {"both.md": BOTH.format(name=""), "only.md": ONLY, "partly.md": PARTLY}
    prose = {"prose.md": "# 只有文字\n\n没有代码。\n", "index.md": INDEX}
    write_files(root, {"config.ini": TITLED, **files, **prose})
    build_site(root, TABS, notebooks_of(root))
    return root


@pytest.fixture
def open_page(browser, book):
    opened = []

    def open_page(name, tab="alpha", **options):
        page = browser.new_page(viewport=DESKTOP, **options)
        page.goto(f"{(book / '_build' / 'html' / name).as_uri()}?tab={tab}")
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        page.close()


def test_when_a_page_lacks_a_framework_then_the_lists_say_so(open_page):
    page = open_page("index.html")
    marks = page.locator(".bk-lacks")
    assert marks.count() == 2  # beside the text and in it
    assert page.locator(".bk-lacks:visible").count() == 0
    choose(page, "beta")
    for mark in marks.all():
        assert mark.is_visible() and mark.inner_text() == LACKS
        link = mark.locator("xpath=ancestor::a")
        assert link.get_attribute("href") == "only.html"
    # It is marked, and reached all the same.
    marks.first.click()
    page.wait_for_url("**/only.html*")


def test_when_a_page_lacks_the_framework_then_it_says_so_and_offers_others(open_page):
    page = open_page("only.html", "beta")
    note = page.locator(".bk-lacking")
    assert note.is_visible() and NAME in note.inner_text()
    assert page.locator("h1 ~ .bk-lacking").count() == 1
    # Code of the only framework is there for everybody.
    assert page.locator("article pre", has_text="alpha()").is_visible()
    note.locator("a").click()
    assert page.locator("html").get_attribute("data-tab") == "alpha"
    assert note.is_hidden() and "tab=alpha" in page.url
    focused = page.evaluate("document.activeElement.value")
    assert focused == "alpha"
    page.go_back()
    note.wait_for(state="visible")


def test_when_a_page_lacks_the_framework_then_its_neighbours_skip_it(open_page):
    page = open_page("both.html")
    assert page.locator(NEXT).evaluate_all(LINKS) == ["only.html"]
    choose(page, "beta")
    assert page.locator(NEXT).evaluate_all(LINKS) == ["prose.html"]
    page.locator(NEXT).click()
    page.wait_for_url("**/prose.html*")
    assert page.locator(PREVIOUS).evaluate_all(LINKS) == ["both.html"]
    # Where frameworks agree there is one link for all of them.
    assert page.locator(".next-page").count() == 1
    choose(page, "alpha")
    assert page.locator(PREVIOUS).evaluate_all(LINKS) == ["only.html"]


def test_when_a_group_lacks_the_framework_then_it_says_so_without_a_gap(open_page):
    page = open_page("partly.html", "beta")
    assert shown_tabs(page) == {"beta"}
    assert page.locator(".bk-lacking").count() == 0
    assert page.locator(".bk-absent:visible").count() == 1
    assert page.get_by_text("只给Alpha的话").is_hidden()
    gap = page.evaluate(
        """() => { const prose = document.querySelector('.bk-tabs-text');
          return prose.getBoundingClientRect().height; }"""
    )
    assert gap == 0


def test_when_javascript_is_off_then_all_links_and_notes_show_with_a_label(open_page):
    page = open_page("both.html", java_script_enabled=False)
    links = page.locator(NEXT)
    assert links.evaluate_all(LINKS) == ["only.html", "prose.html"]
    assert [("Alpha" in one, NAME in one) for one in links.all_inner_texts()] == [
        (True, False),
        (False, True),
    ]
    assert page.locator(".bk-lacks:visible").inner_text() == LACKS
    page.goto(page.url.replace("both", "only"))
    assert page.locator(".bk-lacking").is_visible()
    assert page.locator(".bk-offers").is_hidden()


def test_when_a_page_gains_a_framework_then_all_others_stop_saying_it_lacks_it(book):
    def telling():
        pages = ("both.html", "index.html", "partly.html", "only.html")
        return {name: MARKED.findall(page_of(book, name)) for name in pages}

    before = telling()
    assert before["both.html"] == ["only.html"] and before["only.html"] == ["#"]
    write_files(book, {"only.md": BOTH.format(name="了")})
    build_site(book, TABS, notebooks_of(book))
    assert set(map(len, telling().values())) == {0}
    assert page_of(book, "both.html").count('class="next-page') == 1
