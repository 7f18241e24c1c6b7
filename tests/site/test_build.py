"""The way from notebooks to pages, with a small book of two frameworks."""

import pytest
from site_books import (
    CONFIG,
    OUTPUT,
    TABS,
    notebooks_of,
    page_of,
    words_of,
    write_files,
)

from bookkit.errors import SiteError, UsageError
from bookkit.site.build import build_site

INDEX = """# 小书

```toc
:numbered:

one/index
```
"""
CHAPTER = """# 章
:label:`chap_one`

先读:numref:`sec_first`。

```toc
first
```
"""
SECTION = """# 节
:label:`sec_first`

这是:numref:`chap_one`的
第一节，公式$x_i$。

```{.python .input}
#@tab alpha
alpha()
```

```{.python .input}
#@tab beta
beta()
```

只有一个框架有的：

```{.python .input}
#@tab beta
only_beta()
```

接着说。

:begin_tab:`alpha`
只给Alpha的话。
:end_tab:

完。
"""


@pytest.fixture
def book(tmp_path):
    files = {"index.md": INDEX, "one/index.md": CHAPTER, "one/first.md": SECTION}
    return write_files(tmp_path, {"config.ini": CONFIG, **files})


def test_when_built_then_pages_say_what_the_sources_say(book, capfd):
    result = build_site(book, TABS, notebooks_of(book))
    assert result.pages == 3
    assert result.warnings == ()
    html = page_of(book)
    assert OUTPUT in words_of(html)
    assert "这是第1章的第一节" in words_of(html)
    assert "先读1.1节。" in words_of(page_of(book, "one/index.html"))
    assert 'data-tab="alpha">\n<p class="bk-panel-label">Alpha</p>' in html
    assert "这里没有Alpha版本。" in html
    assert 'class="bk-tabs bk-tabs-text" data-tabs="alpha"' in html
    assert "<math>" in html
    # Nobody made notebooks to take along; the source is there always.
    assert "_notebooks" not in html
    assert 'href="../_sources/one/first.md.txt"' in html
    assert capfd.readouterr() == ("", "")


def test_when_only_another_tab_changes_then_its_page_changes(book):
    build_site(book, TABS, notebooks_of(book))
    build_site(book, TABS, notebooks_of(book, {"beta": "new output"}))
    assert "new output" in page_of(book)


def test_when_a_reference_is_wrong_then_its_line_is_named_every_time(book):
    path = book / "one" / "first.md"
    path.write_text(SECTION.replace("完。", "见:numref:`fig_none`。"), encoding="utf-8")
    line = SECTION[: SECTION.index("完。")].count("\n") + 1
    for _ in range(2):
        with pytest.raises(SiteError, match=rf"one/first\.md:{line}: .*fig_none"):
            build_site(book, TABS, notebooks_of(book))


def test_when_one_tab_is_selected_then_the_site_has_no_others(book):
    build_site(book, TABS, notebooks_of(book))
    build_site(book, ("beta",), notebooks_of(book, tabs=("beta",)))
    html = page_of(book)
    assert "only_beta" in html
    assert "alpha" not in words_of(html)
    assert "bk-tab" not in html.partition("<article")[2]


def test_when_all_pages_are_made_again_then_no_file_of_an_older_version_stays(book):
    build_site(book, TABS, notebooks_of(book))
    for folder in ("html-made/_static", "html/_static", "doctrees/bookkit-static"):
        (book / "_build" / folder / "old.css").write_text("old", encoding="utf-8")
    build_site(book, TABS[:1], notebooks_of(book, tabs=TABS[:1]))
    assert not list((book / "_build" / "html").rglob("old.css"))


def test_when_no_tab_has_a_section_then_its_prose_is_shown(book):
    notebooks = {tab: {} for tab in TABS}
    build_site(book, TABS, notebooks)
    assert "第一节" in words_of(page_of(book))
    assert "only_beta" not in page_of(book)


def test_when_the_tab_is_unknown_then_the_known_ones_are_named(book):
    with pytest.raises(UsageError, match=r"gamma(.|\n)*alpha, beta"):
        build_site(book, ("gamma",), {"gamma": {}})
