"""What a lesson's pages have beside text and code, in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import DESKTOP
from kitchens import CAPTION, TABS, own_kitchen
from serving import ROOT
from test_axe import look_at, open_page

BOOK = ROOT / "_build" / "kitchen-lesson"


@pytest.fixture(scope="module")
def pages() -> Iterator[Path]:
    with own_kitchen(BOOK) as pages:
        yield pages


@pytest.fixture
def lesson(reader, pages):
    """Open the lesson with what comes after its address, as a reader with options."""

    def opened(after="", **options):
        page = reader(**{"viewport": DESKTOP, **options}).new_page()
        page.goto(f"{(pages / 'one' / 'lesson.html').as_uri()}{after}")
        return page

    return opened


def test_when_a_cell_is_folded_then_its_output_shows_and_its_code_on_demand(lesson):
    page = lesson(java_script_enabled=False)
    fold = page.locator("details", has_text="folded_rows").first
    assert fold.locator("summary").inner_text() == "代码（2行）"
    assert not fold.get_by_text("folded_rows").is_visible()
    assert page.locator("details + .output", has_text="tensor").first.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.get_by_text("folded_rows").is_visible()
    assert page.get_by_text("@folded").count() == 0


def test_when_a_folded_cell_and_another_follow_each_other_then_one_is_folded(lesson):
    page = lesson()
    fold = page.locator(".bk-exercises .bk-folded:visible")
    assert fold.locator("summary").inner_text() == "代码（1行）"
    assert page.locator(".highlight pre:visible", has_text="answer()").is_visible()


def test_when_folded_code_is_alike_in_all_tabs_then_it_is_there_once(lesson):
    assert lesson().locator("details", has_text="folded_quietly").count() == 1


TITLE = "选读：只有一部分读者要读的"
# The contents stand beside, and a page so low scrolls to any heading.
LOW = {"width": 1500, "height": 300}
INSIDE = "折叠起来的一句话。"


def anchor_of(page, heading):
    sections = page.locator("article section", has=page.get_by_text(heading))
    return sections.last.get_attribute("id")


def test_when_a_section_is_optional_then_its_heading_opens_it(lesson):
    page = lesson(java_script_enabled=False)
    heading = page.get_by_role("heading", name=TITLE)
    assert heading.is_visible()
    assert not page.get_by_text(INSIDE).is_visible()
    assert page.get_by_text("又是大家都读的").is_visible()
    page.locator("summary", has=heading).focus()
    page.keyboard.press("Enter")
    assert page.get_by_text(INSIDE).is_visible()
    assert page.get_by_text("小标题下面的话").is_visible()


def test_when_an_optional_section_is_listed_then_the_link_opens_it(lesson):
    page = lesson(viewport=LOW)
    entry = page.locator(".toc-tree a", has_text=TITLE)
    heading = page.get_by_role("heading", name=TITLE)
    for _ in range(2):  # the second time the address is there already
        entry.click()
        page.get_by_text(INSIDE).wait_for()
        assert 0 <= heading.bounding_box()["y"] < LOW["height"] / 2
        page.locator("summary", has=heading).click()
        page.get_by_text(INSIDE).wait_for(state="hidden")


@pytest.mark.parametrize("heading", [TITLE, "里面还有一个小标题"])
def test_when_an_address_leads_to_what_is_folded_then_it_is_open(lesson, heading):
    page = lesson()
    anchor = anchor_of(page, heading)
    opened = lesson(f"#{anchor}", viewport=LOW)
    opened.get_by_text(INSIDE).wait_for()
    top = opened.get_by_role("heading", name=heading).bounding_box()["y"]
    assert 0 <= top < LOW["height"] / 2
    # The mark beside the heading leads here, too, and closes nothing.
    link = opened.get_by_role("heading", name=heading).locator("a.headerlink")
    link.focus()
    opened.keyboard.press("Enter")
    assert opened.get_by_text(INSIDE).is_visible()


def test_when_the_search_finds_a_folded_sentence_then_its_link_opens_it(reader, pages):
    page = reader().new_page()
    page.goto(f"{(pages / 'search.html').as_uri()}?q=折叠起来的一句话")
    place = page.locator(".bk-search-place a", has_text=TITLE)
    place.click()
    page.get_by_text(INSIDE).wait_for()


def test_when_printed_then_everything_is_open_and_closes_again(lesson):
    page = lesson()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    closed = page.locator("article details:not([open])")
    assert closed.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert closed.count() > 2
    page.emulate_media(media="print")
    box = page.get_by_text(INSIDE).bounding_box()
    assert box and box["height"] > 0


def test_when_a_lesson_is_looked_at_then_axe_finds_nothing(browser, pages):
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    page = open_page(context, (pages / "one" / "lesson.html").as_uri())
    found = look_at(page)
    page.evaluate(
        "for (const one of document.querySelectorAll('details')) one.open = 1"
    )
    assert found + look_at(page) == []
    context.close()


def test_when_a_cell_draws_with_a_caption_then_both_are_its_output(lesson):
    page = lesson(java_script_enabled=False)
    figures = page.locator("figure.bk-rich", has=page.locator("figcaption"))
    assert figures.count() == 2 * len(TABS)  # one of them is the still one below
    figure = figures.first
    picture = figure.locator("img")
    assert figure.locator("figcaption").inner_text() == CAPTION
    assert picture.get_attribute("alt") == CAPTION
    assert picture.get_attribute("src").endswith(".svg")
    assert page.locator("article img[src$='.png']").count() == 0
    # It is no figure of the text: those have numbers.
    assert "图" not in figure.inner_text()


@pytest.mark.parametrize("width", [1280, 390])
def test_when_a_plot_is_shown_then_it_has_its_size_or_that_of_the_page(lesson, width):
    page = lesson(viewport={"width": width, "height": 900})
    picture = page.locator("figure.bk-rich img").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    room = picture.locator("..").bounding_box()["width"]
    assert box["width"] == pytest.approx(min(624, room - 36), abs=1)
    assert box["height"] == pytest.approx(box["width"] * 187.2 / 468, abs=1)


def test_when_the_page_is_dark_then_a_plot_is_dark_too_but_not_on_paper(lesson):
    page = lesson(color_scheme="dark")
    picture = page.locator("figure.bk-rich img").first
    filter_of = "image => getComputedStyle(image).filter"
    assert "invert" in picture.evaluate(filter_of)
    page.emulate_media(media="print")
    assert picture.evaluate(filter_of) == "none"
    assert lesson().locator(".bk-plot img").first.evaluate(filter_of) == "none"


def test_when_a_caption_is_searched_then_its_plot_is_found(reader, pages):
    page = reader().new_page()
    page.goto(f"{(pages / 'search.html').as_uri()}?q=各层输出的均方根")
    assert page.locator(".bk-search-place", has_text="画出来的图").count() == 1


@pytest.mark.parametrize("framework", TABS)
@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("看一看数据", "folded_rows"),
        ("画一张图", "plot()"),
        ("做可以不做的事", "optional = 1"),
    ],
)
def test_when_a_row_says_what_one_wants_then_it_leads_to_the_code(
    lesson, framework, row, code
):
    page = lesson(f"?tab={framework}", viewport=LOW)
    link = page.locator(".bk-uses a:visible", has_text=row)
    link.focus()
    page.keyboard.press("Enter")
    cell = page.locator(".highlight:not(.output) pre:visible", has_text=code).first
    cell.wait_for()
    assert 0 <= cell.bounding_box()["y"] < LOW["height"] / 2


def test_when_a_row_is_for_all_tabs_then_it_leads_to_the_code_of_each(lesson):
    for framework, code in zip(TABS, ("plot()", "plot()  # 另一个框架"), strict=True):
        page = lesson(f"?tab={framework}", viewport=LOW)
        page.locator(".bk-uses a", has_text="在所有框架里画图").click()
        cell = page.locator(".highlight:not(.output) pre:visible", has_text="plot()")
        assert cell.inner_text().strip() == code
        assert 0 <= cell.bounding_box()["y"] < LOW["height"]


def test_when_an_exercise_has_stars_then_they_are_said_in_words(lesson):
    kinds = lesson().locator(".bk-kind")
    assert kinds.all_inner_texts() == ["编写 ★☆☆", "预测 ★★★", "开放"]
    stars = lesson().locator(".bk-kind [role=img]")
    names = [star.get_attribute("aria-label") for star in stars.all()]
    assert names == ["难度1，共3", "难度3，共3"]


def test_when_a_solution_opens_then_cells_and_tabs_are_inside_of_it(lesson):
    page = lesson("?tab=beta")
    solution = page.locator("details.bk-solution")
    assert not solution.get_by_text("因为形状不变").is_visible()
    solution.locator("summary").focus()
    page.keyboard.press("Enter")
    code = solution.locator(".highlight:visible")
    texts = [text.strip() for text in code.all_inner_texts()]
    assert texts[:2] == ["short()  # 另一个框架", "tensor([1., 2.])"]
    assert "failed()" in texts
    assert solution.locator(".bk-chip:visible").count() > 0
    assert "不运行" not in solution.inner_text()
    # Hints and solutions stand where their exercise's own text does.
    text = page.locator(".bk-exercise-list p", has_text="写一个函数").bounding_box()
    boxes = [
        one.bounding_box() for one in page.locator(".bk-exercises > details").all()
    ]
    assert len(boxes) == 3
    for box in boxes:
        assert abs(box["x"] - text["x"]) < 12


def test_when_exercises_are_printed_then_hints_and_solutions_are_there(lesson):
    page = lesson(java_script_enabled=False)
    page.emulate_media(media="print")
    for text in ("先想想形状", "因为形状不变"):
        box = page.get_by_text(text).bounding_box()
        assert box and box["height"] > 0, text
