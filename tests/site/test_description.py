"""What a page says of itself in its head: what it is about, and how wide it is."""

import pytest
from site_books import CONFIG, TABS, notebooks_of, write_files

from bookkit.site.build import build_site
from bookkit.site.extension.page.description import MOST_LETTERS, shortened

HEAD = """() => {
  const named = (name) => [...document.querySelectorAll(`meta[name=${name}]`)];
  const first = document.querySelector(
    "article > section > p:is(:not([class]), .bk-lead), article > section > section");
  return {
    described: named("description").map((one) => one.content),
    viewports: named("viewport").length,
    first: first?.localName === "p" ? first.textContent.replace(/\\s+/g, " ") : "",
    places: [...new Set(document.head.outerHTML.match(/<\\/?(?:p|em|code|span)\\b/g))],
  };
}"""
FILES = {
    "config.ini": CONFIG,
    "index.md": "# 书\n\n```toc\n:numbered:\n\none/first\none/none\n```\n",
    "one/first.md": """# 头一节
:label:`first`

:begin_tab:`alpha`
只给Alpha的话。
:end_tab:

*着重*和`"><script>x</script>`，见:numref:`first`，$x^2$与&。
下一行。[^1]

[^1]: 脚注。

第二段。

```{.python .input}
#@tab alpha
x = 1
```

```{.python .input}
#@tab beta
x = 2
```
""",
    "one/none.md": "# 只有列表\n\n* 一\n* 二\n\n## 下面\n\n不是开头。\n",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    root = write_files(tmp_path_factory.mktemp("described"), FILES)
    return build_site(root, TABS, notebooks_of(root)).html_dir


def test_when_any_page_is_read_then_its_head_says_what_its_text_begins_with(
    browser, pages, site_url
):
    page = browser.new_page()
    texts = []
    for name in [*pages, "search.html"]:
        page.goto(f"{site_url}/{name}", wait_until="domcontentloaded")
        head = page.evaluate(HEAD)
        assert head["viewports"] == 1, name
        assert head["places"] == [], name
        assert len(head["described"]) == bool(head["first"]), name
        for text in head["described"]:
            assert 0 < len(text) <= MOST_LETTERS
            assert head["first"].startswith(text.removesuffix("…")), name
            texts.append(text)
    page.close()
    assert len(texts) == len(set(texts)) > 6


def test_when_a_paragraph_has_marks_then_they_are_resolved_and_escaped(browser, small):
    page = browser.new_page()
    page.goto((small / "one" / "first.html").as_uri())
    (text,) = page.evaluate(HEAD)["described"]
    assert text == '着重和"><script>x</script>，见第1章，x^2与&。下一行。'
    page.goto((small / "one" / "none.html").as_uri())
    assert page.evaluate(HEAD)["described"] == []
    page.close()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("短。", "短。"),
        ("字" * 90 + "。" + "字" * 90, "字" * 90 + "。"),
        ("字" * 20 + "。" + "字" * 180, "字" * 20 + "。" + "字" * 138 + "…"),
        ("word " * 40, "word " * 30 + "word…"),
        ("A sentence of 3.5 words. " * 8, ("A sentence of 3.5 words. " * 6).strip()),
    ],
    ids=["short", "sentence", "endless", "words", "English"],
)
def test_when_a_text_is_long_then_it_ends_where_it_can_be_read(text, wanted):
    assert shortened(text) == wanted
    assert len(wanted) <= MOST_LETTERS


def test_when_a_book_has_an_address_and_a_picture_then_links_to_it_show_it(tmp_path):
    share = "[bookkit]\nshare_image = img/share.png\n"
    for site, count in (("", 0), ("site = https://example.org/book/\n", 1)):
        root = tmp_path / str(count)
        write_files(
            root, {"index.md": "# 书 & 页\n", "config.ini": f"{CONFIG}{share}{site}"}
        )
        (root / "img").mkdir()
        (root / "img" / "share.png").write_bytes(b"\x89PNG")
        pages = build_site(root, TABS, notebooks_of(root)).html_dir
        html = (pages / "index.html").read_text(encoding="utf-8")
        image = 'og:image" content="https://example.org/book/_static/share.png"'
        assert html.count(image) == html.count("og:image") == count
        assert html.count('og:title" content="书 &amp; 页"') == count
        assert (pages / "_static" / "share.png").is_file() == bool(count)
