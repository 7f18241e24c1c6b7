"""What a page tells about itself: where a reader is, what a cell is about."""

import re

SPACING = "one => getComputedStyle(one).textAutospace"
LINES = "all => all.map(one => one.getBoundingClientRect().top)"
HEIGHTS = "all => all.map(one => one.getBoundingClientRect().height)"


def test_when_a_page_is_in_the_tree_then_its_link_says_so(reader, sections, site_url):
    page = reader().new_page()
    page.goto(f"{site_url}/{sections[1]}")
    here = page.locator(".sidebar-tree [aria-current=page]")
    assert here.count() == 1
    assert here.inner_text() == page.locator("h1").inner_text().rstrip("¶ ")
    page.goto(f"{site_url}/search.html")
    assert page.locator("[aria-current]").count() == 0


def test_when_runs_are_told_then_each_row_is_headed_by_its_section(read, texts):
    (name,) = (name for name, html in texts.items() if "bk-runs" in html)
    page = read(name)
    rows = page.locator("table.bk-runs tbody tr")
    assert rows.count() >= 2
    assert page.get_by_role("rowheader").count() == rows.count()
    assert rows.nth(1).get_by_role("rowheader").get_by_role("link").count() == 1


def test_when_no_script_runs_then_each_framework_is_told_of_on_its_own_line(read):
    page = read(java_script_enabled=False)
    told = page.locator(".bk-verified > .bk-for").evaluate_all(LINES)
    assert len(told) >= 2
    assert told == sorted(set(told))


def test_when_scripts_meet_then_the_page_parts_them_everywhere(read):
    page = read()
    for place in (".sidebar-tree", ".copyright", "article p"):
        assert page.locator(place).first.evaluate(SPACING) == "normal", place


def test_when_a_book_has_four_frameworks_then_no_start_stands_alone(read):
    page = read("index.html")
    assert page.locator(".bk-start li").count() == 4
    for width in (1280, 700, 640, 390):
        page.set_viewport_size({"width": width, "height": 800})
        tops = page.locator(".bk-start li").evaluate_all(LINES)
        assert len(set(tops)) in (2, 4), width
        heights = page.locator(".bk-start a").evaluate_all(HEIGHTS)
        assert max(heights) - min(heights) < 1, width


def test_when_a_book_begins_then_it_says_what_it_is_before_what_can_be_downloaded(read):
    page = read("index.html")
    places = "h1, h1 ~ p, .bk-start, .bk-launch"
    order = page.locator(f"article :is({places})").evaluate_all(
        "all => all.map(one => one.className || one.localName)"
    )
    assert order[:4] == ["h1", "bk-lead", "bk-start", "bk-launch"]


def test_when_a_cited_work_is_english_then_it_is_read_aloud_as_english(texts):
    html = "".join(texts.values())
    entries = re.findall(r'<div class="citation"[^>]*>(.*?)</div>', html, re.DOTALL)
    assert len(entries) >= 2
    tags = re.findall(r'<div class="citation"[^>]*>', html)
    foreign = [bool(re.search(r' lang="en"', tag)) for tag in tags]
    assert foreign == [not re.search("[\u4e00-\u9fff]", entry) for entry in entries]


def test_when_chinese_text_cites_then_in_its_own_brackets(texts):
    html = "".join(texts.values())
    citations = re.findall(r'.<span class="bibtex-citation".*?</span>', html, re.DOTALL)
    assert len(citations) >= 2
    for one in citations:
        assert not one[0].isspace()
        assert re.search(r">（<a\b.*</a>）</span>$", one, re.DOTALL), one


def test_when_chinese_text_cites_then_authors_are_joined_so(reader, texts, site_url):
    citing = [name for name, html in texts.items() if "bibtex-citation" in html]
    page = reader().new_page()
    said = set()
    for name in citing:
        page.goto(f"{site_url}/{name}")
        said |= set(page.locator(".bibtex-citation").all_inner_texts())
    assert {"（Glorot和Bengio，2010）", "（He等，2016）"} <= said
    assert [one for one in said if re.search(r"\band\b|et al|, ", one)] == []
