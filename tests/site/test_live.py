"""Interactive figures: what they say, by keyboard and touch, and what stays without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import DESKTOP, PHONE
from kitchens import LIVE_CAPTION, own_kitchen
from serving import ROOT
from test_axe import look_at, open_page

BOOK = ROOT / "_build" / "kitchen-live"
FILES = ("bookkit-tree.js", "bookkit-signal.js", "bookkit-live.css")


@pytest.fixture(scope="module")
def pages() -> Iterator[Path]:
    with own_kitchen(BOOK) as pages:
        yield pages


@pytest.fixture
def lesson(reader, pages):
    def opened(**options):
        page = reader(**{"viewport": DESKTOP, **options}).new_page()
        page.goto((pages / "one" / "lesson.html").as_uri())
        return page

    return opened


def live(page, kind):
    return page.locator(f".bk-live[data-kind={kind}]:visible")


def test_when_a_block_is_opened_by_keyboard_then_its_parameters_show(lesson):
    tree = live(lesson(), "tree")
    block = tree.get_by_role("button", name="hidden")
    assert block.get_attribute("aria-expanded") == "false"
    assert not tree.get_by_text("hidden.weight").is_visible()
    block.press("Enter")
    rows = tree.get_by_role("row")
    assert rows.nth(0).all_inner_texts() == ["参数张量\t形状\t参数量"]
    assert rows.nth(1).inner_text() == "hidden.weight\t(256, 20)\t5,120"
    assert rows.nth(2).inner_text() == "hidden.bias\t(256,)\t256"
    assert "Linear<20>&'" in block.inner_text()
    assert "参数量5,376" in block.inner_text()
    block.press("Enter")
    assert not tree.get_by_text("hidden.weight").is_visible()


def test_when_a_shape_is_unknown_then_so_are_the_counts(lesson):
    tree = live(lesson(), "tree")
    assert "参数量未知" in tree.get_by_role("button", name="net").inner_text()
    tree.get_by_role("button", name="out").click()
    assert "(10, ?)" in tree.inner_text()
    # Nothing inside: nothing to open.
    assert tree.get_by_role("button", name="act").count() == 0
    assert "参数量0" in tree.inner_text()


def test_when_a_block_is_tapped_then_it_opens_and_the_page_stays_narrow(lesson):
    page = lesson(viewport=PHONE, has_touch=True, is_mobile=True)
    tree = live(page, "tree")
    tree.get_by_role("button", name="hidden").tap()
    assert tree.get_by_text("hidden.weight").is_visible()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0


def test_when_initialisers_are_chosen_then_their_curves_show(lesson):
    signal = live(lesson(), "signal")
    lines = signal.locator("svg.bk-signal .bk-line")
    assert lines.count() == 3
    choice = signal.get_by_role("checkbox", name="He")
    choice.press("Space")
    assert lines.count() == 2
    assert "He" not in signal.locator("output").inner_text()
    for name in ("Xavier", "N(0, 0.01)"):
        signal.get_by_role("checkbox", name=name).uncheck()
    assert signal.locator("output").inner_text() == "深度20：没有选中任何曲线"


def test_when_activation_and_way_are_chosen_then_the_numbers_are_theirs(lesson):
    signal = live(lesson(), "signal")
    said = signal.locator("output")
    assert said.inner_text() == "深度20：Xavier 0.54，He 1，N(0, 0.01) 1.0e-14"
    signal.get_by_role("radio", name="ReLU").check()
    assert said.inner_text() == "深度20：Xavier 8.0e-4，He 1，N(0, 0.01) 0"
    # What is zero has no place on a logarithmic axis.
    lines = signal.locator("svg.bk-signal .bk-signal-line")
    assert [line.get_attribute("d") == "M0 0" for line in lines.all()] == [
        False,
        False,
        True,
    ]
    signal.get_by_role("radio", name="反向").check()
    assert said.inner_text() == "深度20：Xavier 0.7，He 1，N(0, 0.01) 0"
    signal.get_by_role("slider").press("Home")
    assert said.inner_text().startswith("深度1：Xavier 8.0e-4")
    assert signal.get_by_role("slider").get_attribute("aria-valuetext") == "1"


def test_when_a_curve_is_drawn_then_its_points_are_where_the_axis_says(lesson):
    signal = live(lesson(), "signal")
    svg = signal.locator("svg.bk-signal")
    assert svg.get_attribute("aria-label") == LIVE_CAPTION
    assert signal.locator(".bk-signal-caption").inner_text() == LIVE_CAPTION
    places = svg.evaluate("""svg => {
      const ys = [...svg.querySelectorAll(".bk-signal-label text[text-anchor=end]")]
        .map((text) => [text.textContent.replace("\\u2212", "-"),
          Number(text.getAttribute("y")) - 4]);
      const d = svg.querySelector(".bk-line-3 .bk-signal-line").getAttribute("d");
      return [ys, d.slice(1).split("L").map((point) => point.split(" ").map(Number))];
    }""")
    ticks, points = places
    (one, low), (two, high) = ticks[0], ticks[-1]
    first, last = int(one.removeprefix("10")), int(two.removeprefix("10"))
    for depth, (_, y) in enumerate(points, 1):
        exponent = first + (y - low) / (high - low) * (last - first)
        assert 10**exponent == pytest.approx(0.2**depth, rel=1e-3)


def test_when_there_is_no_javascript_or_it_is_paper_then_stills_show(lesson):
    page = lesson(java_script_enabled=False)
    assert page.locator(".bk-live:visible").count() == 0
    assert page.get_by_text("(hidden): Linear(20, 256)").first.is_visible()
    page = lesson()
    still = page.locator(".output", has_text="(hidden): Linear").first
    assert not still.is_visible()
    assert live(page, "tree").count() == 1
    page.emulate_media(media="print")
    assert page.locator(".bk-live:visible").count() == 0
    assert still.is_visible()


def test_when_another_framework_is_chosen_then_its_figure_is_drawn(lesson):
    page = lesson()
    page.get_by_role("radio", name="Beta").check(force=True)
    drawing = live(page, "signal").locator("svg.bk-signal")
    drawing.locator("text").first.wait_for()
    assert drawing.get_attribute("viewBox").split()[2] == str(
        round(drawing.bounding_box()["width"])
    )


def test_when_a_page_has_no_such_figure_then_it_loads_none_of_their_files(pages):
    lesson = (pages / "one" / "lesson.html").read_text(encoding="utf-8")
    assert all(name in lesson for name in FILES)
    for page in pages.rglob("*.html"):
        if page.name != "lesson.html":
            text = page.read_text(encoding="utf-8")
            assert not any(name in text for name in FILES), page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_when_figures_are_looked_at_then_axe_finds_nothing(browser, pages, scheme):
    context = browser.new_context(viewport=DESKTOP, color_scheme=scheme)
    page = open_page(context, (pages / "one" / "lesson.html").as_uri())
    page.evaluate("""for (const one of document.querySelectorAll(".bk-tree-open"))
      if (one.getAttribute("aria-expanded") === "false") one.click()""")
    assert look_at(page) == []
    context.close()
