"""Every element of our pages, compared with pictures of how it should look.

`BOOKKIT_ACCEPT=1` takes what is drawn now as what should be.
"""

import base64
import functools
import html
import io
import os
import string
from pathlib import Path
from urllib.parse import quote

import pytest
from boxes import box_font
from browsers import start_chromium
from kitchens import PICTURES, build_kitchen, own_kitchen
from PIL import Image, ImageChops
from serving import ROOT
from test_axe import look_at, open_page

BOOK = ROOT / "_build" / "kitchen"
MOST_BYTES = 60_000
# Rare shades are not kept, and edges of boxes may differ from Chromium to Chromium.
SAME_SHADE = 8
MOST_PIXELS = 400

DESKTOP = {"viewport": {"width": 1100, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
LOOKS = {
    "light": DESKTOP,
    "dark": {**DESKTOP, "color_scheme": "dark"},
    "phone": PHONE,
    "print": {"viewport": {"width": 720, "height": 900}},
}
STYLE = """
@font-face { font-family: boxes; src: url(data:font/ttf;base64,%s); }
* {
  font-family: boxes !important; font-synthesis: none !important;
  text-autospace: no-autospace !important; text-spacing-trim: space-all !important;
  animation: none !important; transition: none !important; caret-color: transparent;
}
/* Letters that boxes has not, or that it is not asked for: they come from the machine;
   see test_formulas and test_lesson. */
math { display: none !important; }
.bk-plot img { visibility: hidden; }
/* Slanting lines, and lines that fade, have more shades than are kept. */
.bk-more, .bk-tool::before, .bk-tool::after, .bk-about-more::after {
  mask-image: none !important;
}
.bk-live svg * { shape-rendering: crispEdges; }
"""


@pytest.fixture(scope="module")
def kitchen():
    """Build the book where authors find it, and return the folder of its pages."""
    with own_kitchen(BOOK) as pages:
        yield pages


@pytest.fixture(scope="module")
def boxes(kitchen):
    """Return rules that draw as boxes whatever pages, style sheet and scripts say."""
    static = kitchen / "_static"
    drawn_by = [static / "bookkit.css", *static.glob("bookkit-*.js")]
    files = [*kitchen.rglob("*.html"), *drawn_by]
    said = "".join(html.unescape(file.read_text(encoding="utf-8")) for file in files)
    letters = "".join(sorted(set(said + string.printable))).strip()
    return STYLE % base64.b64encode(box_font(letters)).decode()


@pytest.fixture(scope="module")
def complete(driver):
    browser = start_chromium(driver.chromium, complete=True)
    yield browser
    browser.close()


def drawn(browser, kitchen, name, look, style):
    context = browser.new_context(**LOOKS[look])
    page = context.new_page()
    page.goto((kitchen / name).as_uri(), wait_until="load")
    page.emulate_media(media="print" if look == "print" else "screen")
    page.add_style_tag(content=style)
    page.evaluate("""async () => {
      for (const image of document.images) image.loading = "eager";
      await Promise.all([...document.images].map((image) => image.decode()));
      await document.fonts.ready;
    }""")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    context.close()
    return picture


def different(one, other):
    """Return a picture of where two differ, and how many pixels do."""
    if one.size != other.size:
        size = tuple(map(max, one.size, other.size))
        one, other = (_enlarged(picture, size) for picture in (one, other))
    bands = ImageChops.difference(one, other).split()
    most = functools.reduce(ImageChops.lighter, bands)
    where = most.point(lambda shade: 255 if shade > SAME_SHADE else 0)
    return where, where.histogram()[255]


def _enlarged(picture, size):
    larger = Image.new("RGB", size, "magenta")
    larger.paste(picture)
    return larger


def accept(picture, path):
    """Keep a picture of few colours in these, those of all larger areas exactly."""
    path.parent.mkdir(exist_ok=True)
    counted = picture.getcolors(picture.width * picture.height)
    colours = [colour for _, colour in sorted(counted, reverse=True)[:256]]
    palette = Image.new("P", (1, 1))
    palette.putpalette([band for colour in colours for band in colour])
    kept = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    if different(picture, kept.convert("RGB"))[1] > MOST_PIXELS / 4:
        kept = picture
    kept.save(path, optimize=True)


CASES = [
    (page, look) for page in ("one/every.html", "one/lesson.html") for look in LOOKS
]
CASES += [("one/index.html", "dark"), ("index.html", "phone")]


@pytest.mark.parametrize(("name", "look"), CASES)
def test_when_drawn_then_every_element_looks_as_before(
    complete, kitchen, boxes, name, look
):
    stem = f"{Path(name).with_suffix('').as_posix().replace('/', '-')}-{look}"
    expected = PICTURES / f"{stem}.png"
    picture = drawn(complete, kitchen, name, look, boxes)
    if os.environ.get("BOOKKIT_ACCEPT"):
        accept(picture, expected)
    assert expected.is_file(), f"no picture {expected}: run with BOOKKIT_ACCEPT=1"
    assert expected.stat().st_size < MOST_BYTES
    where, pixels = different(picture, Image.open(expected).convert("RGB"))
    if pixels > MOST_PIXELS:
        new, difference = BOOK / f"{stem}-new.png", BOOK / f"{stem}-difference.png"
        picture.save(new)
        where.save(difference)
        pytest.fail(
            f"{name} ({look}) looks different: {pixels} pixels.\n"
            f"  before:     {expected}\n  now:        {new}\n"
            f"  difference: {difference}\n"
            "If it is right now: BOOKKIT_ACCEPT=1 .envs/build/bin/python -m pytest "
            "tests/site/test_kitchen.py, and commit the pictures."
        )


@pytest.fixture(scope="module")
def page(browser, kitchen):
    context = browser.new_context(**DESKTOP, java_script_enabled=False)
    page = context.new_page()
    page.goto((kitchen / "one" / "every.html").as_uri())
    yield page
    context.close()


def label_of(output):
    script = "e => getComputedStyle(e, '::before').content"
    return output.evaluate(script).strip('"')


def test_when_a_cell_warned_or_failed_then_a_word_says_so(page):
    for text, word in [
        ("tensor([1., 2.])", "输出"),
        ("UserWarning", "警告"),
        ("downloading", "标准错误输出"),
        ("形状对不上", "报错"),
        ("太深", "报错"),
    ]:
        output = page.locator(".output", has_text=text).first
        assert label_of(output) == word, text
    assert page.locator(".output", has_text="\x1b").count() == 0


def test_when_an_output_is_long_then_the_rest_opens_by_keyboard(page):
    fold = page.locator(".output", has_text="第39行").locator("details").first
    rest = fold.get_by_text("第39行")
    assert page.get_by_text("第15行").first.is_visible()
    assert not rest.is_visible()
    assert fold.locator("summary").inner_text() == "再显示24行"
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert rest.is_visible()
    assert fold.locator("summary").inner_text() == "收起"
    page.keyboard.press("Enter")
    assert not rest.is_visible()


def test_when_the_browser_finds_a_folded_line_then_it_opens(browser, kitchen):
    # An address that names a text finds it as the reader's own search does.
    context = browser.new_context(**DESKTOP, java_script_enabled=False)
    page = context.new_page()
    address = (kitchen / "one" / "every.html").as_uri()
    page.goto(f"{address}#:~:text={quote('第39行')}")
    page.locator("details.bk-fold[open]").wait_for()
    assert page.get_by_text("第39行").first.is_visible()
    context.close()


def test_when_a_traceback_is_long_then_its_end_shows(page):
    failed = page.locator(".output", has_text="太深").first
    assert failed.get_by_text("ValueError: 太深").is_visible()
    assert not failed.get_by_text("Traceback").is_visible()


def test_when_printed_then_long_outputs_and_hints_are_whole(page):
    page.emulate_media(media="print")
    for text in ("第39行", "Traceback (most recent call last)", "先想想形状"):
        box = page.get_by_text(text).last.bounding_box()
        assert box and box["height"] > 0, text
    page.emulate_media(media="screen")


def test_when_a_cell_makes_a_table_or_a_picture_then_it_is_an_output(page):
    rich = page.locator(".bk-rich")
    # All frameworks gave the same: it stands on the page once
    assert rich.filter(has=page.locator("table")).count() == 1
    pictures = page.locator(".bk-rich img")
    assert pictures.count() == 1
    assert pictures.first.get_attribute("alt") == "这段代码画出的图"
    # Captions say of the others that they belong to the text.
    assert page.locator("figure:has(figcaption).bk-rich").count() == 0


def test_when_words_and_tables_are_wide_then_the_page_is_not(browser, kitchen):
    context = browser.new_context(viewport={"width": 320, "height": 640})
    narrow = context.new_page()
    narrow.goto((kitchen / "one" / "every.html").as_uri())
    root = "document.documentElement"
    assert narrow.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
    wide = narrow.locator(".output pre", has_text="87 88 89")
    narrow.locator(".output pre[tabindex]").first.wait_for()
    assert wide.get_attribute("tabindex") == "0"
    context.close()


def test_when_a_section_lacks_a_framework_then_its_card_says_so(browser, kitchen):
    context = browser.new_context(**DESKTOP)
    page = context.new_page()
    address = (kitchen / "one" / "index.html").as_uri()
    said = page.locator(".bk-card:visible .bk-lacks:visible")
    page.goto(f"{address}?tab=alpha")
    assert said.count() == 0
    page.goto(f"{address}?tab=beta")
    assert "Beta" in said.inner_text()
    context.close()


def test_when_every_element_is_looked_at_then_axe_finds_nothing(browser, kitchen):
    context = browser.new_context(**DESKTOP, reduced_motion="reduce")
    page = open_page(context, (kitchen / "one" / "every.html").as_uri())
    page.evaluate(
        "for (const one of document.querySelectorAll('details')) one.open = 1"
    )
    assert look_at(page) == []
    context.close()


def test_when_a_section_changes_then_its_chapter_says_so(kitchen):
    """Last of all: it changes the book."""
    section = BOOK / "one" / "plain.md"
    chapter = kitchen / "one" / "index.html"
    assert chapter.read_text(encoding="utf-8").count("bk-card-facts") == 3
    text = section.read_text(encoding="utf-8").replace("没有代码的一节", "新题目")
    cell = "```{.python .input}\n#@tab all\nshort()\n```\n"
    section.write_text(f"{text}\n{cell}", encoding="utf-8")
    assert build_kitchen(BOOK).changed == ("one/plain.md",)
    article = chapter.read_text(encoding="utf-8").partition("</article>")[0]
    assert "新题目" in article
    assert "约1分钟 · 1段代码" in article
