"""What a page tells about itself: where a reader is, what a cell is about."""


def test_when_a_page_is_in_the_tree_of_the_book_then_its_link_says_so(
    reader, sections, site_url
):
    page = reader().new_page()
    for name in sections[:2]:
        page.goto(f"{site_url}/{name}")
        here = page.locator(".sidebar-tree [aria-current=page]")
        assert here.count() == 1
        assert here.inner_text() == page.locator("h1").inner_text().strip()
    page.goto(f"{site_url}/search.html")
    assert page.locator("[aria-current]").count() == 0


def test_when_runs_are_told_then_each_row_is_headed_by_its_section(
    reader, pages, site_dir, site_url
):
    (name,) = (one for one in pages if "bk-runs" in (site_dir / one).read_text())
    page = reader().new_page()
    page.goto(f"{site_url}/{name}")
    rows = page.locator("table.bk-runs tbody tr")
    assert rows.count() >= 2
    assert page.get_by_role("rowheader").count() == rows.count()
    assert rows.nth(1).get_by_role("rowheader").get_by_role("link").count() == 1
