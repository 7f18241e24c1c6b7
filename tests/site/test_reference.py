"""Saved functions: from every use to its definition, and all of them on one page."""

import re
import shutil

from choosing import UNFOLD
from site_books import page_of, words_of
from whole_books import FILES, build_whole

USE = re.compile(r'<a class="bk-saved" href="([^"]*)">(\w+)</a>')
PROSE = re.compile(
    r'<a class="bk-saved reference internal" href="([^"]*)"><code[^>]*>(.*?)</code></a>'
)
SAVED = r'<section id="small.(\w*)">(.*?)(?=<section id="small|$)'
PANEL = r'<div class="bk-panel" data-tab="(\w+)">(.*?)(?=<div class="bk-panel|$)'


def test_when_defined_then_one_anchor_stands_above_its_cells(whole_book):
    html = page_of(whole_book, "one/defines.html")
    for name in ("greet", "only_beta"):
        assert html.count(f'id="small-{name}"') == 1
        group = html.partition(f'id="small-{name}"></span><div class="bk-tabs')[2]
        assert f">{name}</span>" in group.partition("</div></div></div>")[0]


def test_when_used_in_code_then_the_name_leads_to_its_definition(whole_book):
    found = USE.findall(page_of(whole_book, "one/uses.html"))
    greet = ("defines.html#small-greet", "greet")
    only = ("defines.html#small-only_beta", "only_beta")
    # Neither in the comment, nor in the string, nor where a parameter is meant.
    assert sorted(set(found)) == [greet, only]
    assert len(found) % found.count(only) == 0 and found.count(greet) in (2, 4)
    assert USE.findall(page_of(whole_book, "one/defines.html")) == [
        ("#small-greet", "greet")
    ]


def test_when_used_in_the_text_then_it_leads_there_too(whole_book):
    assert [
        (address, re.sub("<[^>]*>", "", text))
        for address, text in PROSE.findall(page_of(whole_book, "one/uses.html"))
    ] == [("defines.html#small-greet", "small.greet('你')")]
    assert len(PROSE.findall(page_of(whole_book, "one/defines.html"))) == 1


def test_when_code_has_links_then_it_is_the_same_code(whole_book):
    html = page_of(whole_book, "one/uses.html")
    assert "print('small.greet', small.greet('&lt;&amp;&gt;') and small.greet)" in (
        words_of(html)
    )


def test_when_listed_then_each_framework_tells_its_own(whole_book):
    html = page_of(whole_book, "one/reference.html")
    assert '<section id="small.greet">' in html
    panels = {
        (name, tab): words_of(f"<article{text}")
        for name, group in re.findall(SAVED, f'<section id="small.">{html}', re.DOTALL)
        for tab, text in re.findall(PANEL, group, re.DOTALL)
    }
    assert "from small import beta as small" in panels["", "beta"]
    assert "small.greet(name='你')" in panels["greet", "alpha"]
    assert "问候name。" in panels["greet", "alpha"]
    assert "Defined in" not in html
    assert "small.greet(name)" in panels["greet", "beta"]
    assert 'href="defines.html#small-greet">1 定义</a>' in html
    everywhere, only = html.partition('<section id="small.only_beta">')[::2]
    assert "每个框架都有。" in everywhere
    assert "只有Beta有。" in only and "这里没有Alpha版本。" in only


def test_when_the_library_or_a_place_changes_then_pages_follow(whole_book, tmp_path):
    copy = tmp_path / "book"
    shutil.copytree(whole_book, copy)
    moved = FILES["one/defines.md"].replace("问候`name`", "招呼`name`")
    moved = moved.replace("# 定义", "# 新的名字")
    (copy / "one" / "defines.md").write_text(moved, encoding="utf-8")
    changed = build_whole(copy).changed
    assert changed == ("one/defines.md",)
    html = page_of(copy, "one/reference.html")
    assert "招呼name。" in words_of(html) and ">1 新的名字</a>" in html
    # Now the definition goes elsewhere, and pages that use it are as they were.
    start = moved.index("```{.python .input}\n#@tab beta\ndef only_beta")
    (copy / "one" / "defines.md").write_text(moved[:start], encoding="utf-8")
    uses = FILES["one/uses.md"]
    reference = FILES["one/reference.md"] + "\n" + moved[start:]
    reference = reference.replace("greet('贝塔')", "'贝塔'")
    (copy / "one" / "reference.md").write_text(reference, encoding="utf-8")
    build_whole(copy)
    assert uses == (copy / "one" / "uses.md").read_text(encoding="utf-8")
    found = USE.findall(page_of(copy, "one/uses.html"))
    assert ("reference.html#small-only_beta", "only_beta") in found


def test_when_a_use_is_followed_by_keyboard_then_the_definition_shows(read):
    page = read(
        "chapter_computation/use-gpu.html?tab=tensorflow", reduced_motion="reduce"
    )
    uses = page.locator('.bk-panel[data-tab="tensorflow"] a.bk-saved')
    link = uses.filter(has_text="try_gpu").last
    page.evaluate(UNFOLD)
    page.keyboard.press("Tab")  # a reader who uses keys
    link.focus()
    style, width = link.evaluate(
        "a => [getComputedStyle(a).outlineStyle, getComputedStyle(a).outlineWidth]"
    )
    assert style == "solid" and float(width.removesuffix("px")) >= 2
    own, around = link.evaluate(
        "a => [a, a.parentNode].map((one) => getComputedStyle(one).fontFamily)"
    )
    assert own == around
    code = link.evaluate("a => a.closest('pre').textContent")
    assert "try_gpu()" in code
    page.keyboard.press("Enter")
    page.wait_for_url("**#d2l-try_gpu")
    definition = page.locator("pre:visible", has_text="def try_gpu")
    definition.wait_for()
    page.wait_for_function(
        "pre => { const box = pre.getBoundingClientRect();"
        " return box.top >= 0 && box.top < innerHeight; }",
        arg=definition.element_handle(),
    )


def test_when_a_function_is_searched_then_its_entry_is_found(read):
    page = read("search.html?q=try_all_gpus")
    entry = page.locator(
        'a[href*="chapter_references/d2l.html"][href*="#d2l.try_all_gpus"]'
    )
    entry.first.wait_for()
    entry.first.click()
    page.wait_for_url("**/d2l.html*#d2l.try_all_gpus")
    section = page.locator('section[id="d2l.try_all_gpus"]')
    assert section.get_by_text("d2l.try_all_gpus()").filter(visible=True).count() == 1
