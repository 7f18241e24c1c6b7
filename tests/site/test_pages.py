"""What every page has to be: complete, light, readable, and on its own."""

import re
from pathlib import Path

import pytest

import bookkit

# Leftovers of d2lbook's marks, of docutils and of Sphinx.
UNRESOLVED = re.compile(
    r":(?:num|eq|doc)?ref:|:cite:|:label:|:eqlabel:|\?\?|system-message"
)
BACKGROUND = "box => getComputedStyle(box).backgroundColor.match(/\\d+/g).map(Number)"
# Of one mark of each kind: the colour, and whether its text is upright.
MARKS = """kinds => kinds.map((kind) => {
  const mark = document.querySelector(`.highlight .${kind}`);
  const { color, fontStyle } = getComputedStyle(mark);
  const hex = (part) => Number(part).toString(16).padStart(2, "0");
  return [color.match(/\\d+/g).map(hex).join(""), fontStyle];
})"""
VARIABLES = Path(bookkit.__file__).parent / "site/extension/furo/variables.css"
OUTPUT_LOOK = """all => all.map((output) => [
  getComputedStyle(output, "::before").content,
  getComputedStyle(output.querySelector("pre")).borderInlineStartWidth,
])"""
COLOURS = """() => {
  const box = document.createElement('canvas').getContext('2d');
  const rgb = (css) => {
    box.clearRect(0, 0, 1, 1); box.fillStyle = css; box.fillRect(0, 0, 1, 1);
    return [...box.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const text = document.querySelector('article section > p:not([class])');
  const style = getComputedStyle(text);
  return [rgb(style.color), rgb(getComputedStyle(document.body).backgroundColor)];
}"""


def luminance(colour):
    def linear(part):
        part /= 255
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_of(html):
    """Return the words of a page's article, without code, tags and formulas."""
    article = html.partition("<article")[2].partition("</article>")[0]
    article = re.sub(r"<(pre|code|math)\b.*?</\1>", "", article, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", "", article)


def test_when_built_then_no_reference_is_left_unresolved(texts):
    left = {page: UNRESOLVED.findall(text_of(html)) for page, html in texts.items()}
    assert {page: found for page, found in left.items() if found} == {}


def test_when_a_figure_has_a_caption_then_it_has_a_number_and_a_text(texts):
    figures = 0
    for html in texts.values():
        for figure in re.findall(r"<figure.*?</figure>", html, flags=re.DOTALL):
            if "<figcaption" not in figure or "bk-plot" in figure:
                continue  # what a cell draws has a caption and no number
            figures += 1
            assert re.search(r'caption-number">\D*\d+(\.\d+)*', figure), figure
            assert re.search(r'<img[^>]* alt="[^"./]{2,}', figure), figure
    assert figures, "the book has no figure"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_when_a_scheme_is_wanted_then_the_page_follows_it(read, scheme):
    page = read(color_scheme=scheme)
    text, ground = page.evaluate(COLOURS)
    assert (luminance(ground) > luminance(text)) == (scheme == "light")
    assert contrast(text, ground) >= 7


def test_when_a_scheme_is_chosen_then_code_and_figures_have_it(
    reader, sections, site_url
):
    context = reader(color_scheme="light")
    context.add_init_script('localStorage.setItem("theme", "dark")')
    page = context.new_page()
    page.goto(f"{site_url}/{sections[0]}")
    code = page.locator(".bk-panel:visible .highlight").first.evaluate(BACKGROUND)
    assert luminance(code[:3]) < 0.1
    for figure in page.locator("article figure:not(.bk-plot) img").all():
        # Its own dark colours, or a light sheet below it.
        scheme = figure.evaluate("image => getComputedStyle(image).colorScheme")
        assert scheme == "dark" or luminance(figure.evaluate(BACKGROUND)[:3]) > 0.8


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("chosen", [True, False])
def test_when_code_is_marked_then_marks_have_the_colours_of_the_scheme(
    reader, sections, site_url, scheme, chosen
):
    other = "dark" if scheme == "light" else "light"
    context = reader(color_scheme=other if chosen else scheme)
    if chosen:
        context.add_init_script(f'localStorage.setItem("theme", "{scheme}")')
    page = context.new_page()
    page.goto(f"{site_url}/{sections[0]}")
    sheet = VARIABLES.read_text(encoding="utf-8")
    wanted = [
        [re.findall(rf"--bk-code-{kind}: #(\w+);", sheet)[scheme == "dark"], "normal"]
        for kind in ("keyword", "comment")
    ]
    assert page.evaluate(MARKS, ["k", "c1"]) == wanted
    # What has the colour of the text has no mark.
    assert page.locator(".highlight :is(.n, .o, .p, .w)").count() == 0


def test_when_a_page_has_formulas_then_they_are_mathml_without_a_script(texts):
    for page, html in texts.items():
        assert "mathjax" not in html.lower()
        assert "katex" not in html.lower()
        assert not re.search(r'class="math[ "]', html), f"{page} has a raw formula"
        for formula in re.findall(r"<math\b.*?</math>", html, flags=re.DOTALL):
            assert re.search(r"<m(?:i|n|o|text)\b", formula), formula
            assert "\\" not in re.sub(r"<[^>]+>", "", formula), formula


def test_when_a_cell_printed_then_it_looks_unlike_code(reader, sections, site_url):
    page = reader().new_page()
    outputs = 0
    for name in sections:
        page.goto(f"{site_url}/{name}")
        shown = page.locator("article div.output").filter(visible=True)
        for label, mark in shown.evaluate_all(OUTPUT_LOOK):
            outputs += 1
            assert label not in ("none", '""')
            assert mark == "3px"
    assert outputs, "no cell of the default tab shows an output"


def test_when_built_then_nothing_of_the_old_theme_is_left(texts):
    for page, html in texts.items():
        for trace in ("d2l.js", "d2l.css", "mdl-", "tagClick"):
            assert trace not in html, f"{page} has {trace}"
