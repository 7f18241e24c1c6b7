"""What a cell gives, as its page shows it: streams, captions, interactive figures."""

import pytest
from one_page import display, printed, ran, stream, text_of

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
TEXT = "# 页\n\n```{.python .input}\nx\n```\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"/>'
TREE = {"name": "net", "children": []}


def test_when_it_writes_to_standard_error_then_it_is_one_box_in_its_place(one):
    outputs = [
        stream("before"),
        stream("one\n", "stderr"),
        stream("\x1b[31mtwo\x1b[0m\n", "stderr"),
        stream("\n", "stderr"),
        stream("after"),
    ]
    boxes = one.made(TEXT, [ran("x", *outputs)]).boxes("output")
    assert [printed(box) for box in boxes] == ["before", "one\ntwo\n", "after"]
    named = ["bk-stderr" in box.get("class").split() for box in boxes]
    assert named == [False, True, False]


@pytest.mark.parametrize("text", ["", "\n", "  ", "\x1b[0m"])
@pytest.mark.parametrize("kind", ["text_plain", "text_html", "text_markdown"])
def test_when_an_output_is_empty_then_no_box_is_left(one, kind, text):
    page = one.made(TEXT, [ran("x", display(**{kind: text}), stream(text))])
    assert page.warnings == ""
    assert page.boxes("output") == []
    if "\x1b" not in text or kind == "text_plain":
        assert page.boxes("bk-rich") == []


def test_when_a_picture_has_a_caption_then_it_is_below_and_its_alternative_text(one):
    picture = display(text_plain="一句图注", **{"image_svg+xml": [SVG[:9], SVG[9:]]})
    (figure,) = one.made(TEXT, [ran("x", picture)]).article.iter("figure")
    assert text_of(figure.find("figcaption")) == "一句图注"
    assert next(figure.iter("img")).get("alt") == "一句图注"
    # What an object without a caption says of itself is none.
    picture["data"]["text/plain"] = "<Figure size 640x480 with 1 Axes>"
    (figure,) = one.made(TEXT, [ran("x", picture)]).article.iter("figure")
    assert figure.find("figcaption") is None


def test_when_an_output_can_be_interactive_then_its_content_comes_after_it(one):
    data = {"application_vnd.bookkit.tree+json": TREE, "text_plain": "net"}
    page = one.made(TEXT, [ran("x", display(**data))])
    (box,), (live,) = page.boxes("output"), page.boxes("bk-live")
    assert printed(box) == "net"
    assert live.get("data-content") == '{"name":"net","children":[]}'
    parts = list(page.article.iter())
    assert parts.index(box) < parts.index(live)


def test_when_scripts_speak_of_styles_then_nothing_between_them_is_lost(one):
    first, second = '<script>"<style>"</script>', '<script>"</style>"</script>'
    outputs = display(text_html=first), stream("between"), display(text_html=second)
    boxes = one.made(TEXT, [ran("x", *outputs)]).boxes("output")
    assert [printed(box) for box in boxes] == [first, "between", second]


def test_when_html_is_a_table_then_it_is_one_and_its_text_is_whole(one):
    table = "<table border=1><tr><th></th><th>一</th></tr></table>"
    text = f"{table}<pre>\n\na</pre>"
    page = one.made(TEXT, [ran("x", display(text_html=text))])
    (box,) = page.boxes("bk-rich")
    assert [text_of(one) for one in box.iter("th")] == ["一"]
    assert text_of(next(box.iter("pre"))) == "\na"


def test_when_markdown_has_formulas_then_they_are_shown(one):
    text = "$x$ 和 $$y$$\n\n$\\nothing$"
    page = one.made(TEXT, [ran("x", display(text_markdown=text))])
    assert page.warnings == ""
    (box,) = page.boxes("bk-rich")
    assert text_of(box).split() == ["x", "和", "y", "\\nothing"]


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        ("$x^2$", "x2"),
        ("$$x$$", "x"),
        (r"\[x\]", "x"),
        (r"\(x\)", "x"),
        (r"\begin{aligned}x &= y\end{aligned}", "x=y"),
        ("字 $x$ 和 $y$", "字x和y"),
        (r"字 \(x\) 和 \[y\]", "字x和y"),
        ("x", "x"),
        (r"$\nothing$", r"\nothing"),
        (r"\nothing", r"\nothing"),
        ("", ""),
        ("$$", ""),
    ],
)
def test_when_latex_is_given_then_formulas_and_text_are_shown(one, latex, shown):
    page = one.made(TEXT, [ran("x", display(text_latex=latex))])
    assert page.warnings == ""
    boxes = page.boxes("bk-math") + page.boxes("bk-rich")
    assert ["".join(text_of(box).split()) for box in boxes] == [shown] * bool(shown)
    has_formula = bool(shown) and "nothing" not in shown
    assert ("<math" in page.html) == has_formula


def test_when_a_cell_is_hidden_then_what_is_left_shows(one):
    outputs = stream("said")
    wanted = {
        "#@hide\nx": [],
        "#@hide_code\nx": ["said"],
        "# hide outputs\nx": ["self"],
    }
    for source, shown in wanted.items():
        page = one.made(TEXT, [ran(source, outputs)])
        found = [printed(box) for box in page.boxes("highlight")]
        assert found == [source if one == "self" else one for one in shown]
