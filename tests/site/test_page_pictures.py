"""Pictures on pages: sizes, places and kinds, of the text and of cells."""

import base64
import io

import pytest
from one_page import OnePage, display, ran
from PIL import Image
from serving import read_policy

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
CELL = "\n```{.python .input}\nx\n```\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"/>'


def drawn(kind, size=(300, 200), colour="red"):
    raw = io.BytesIO()
    Image.new("RGB", size, colour).save(raw, kind)
    return raw.getvalue()


def encoded(*arguments, **options):
    return base64.b64encode(drawn(*arguments, **options)).decode()


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    book = OnePage(tmp_path_factory.mktemp("pictures") / "book")
    (book.root / "img").mkdir()
    (book.root / "one" / "a.png").write_bytes(drawn("png"))
    (book.root / "img" / "a.png").write_bytes(drawn("png", (30, 20)))
    (book.root / "img" / "a b.svg").write_text(SVG)
    yield book
    book.close()


def images(page):
    assert page.warnings == ""
    assert ' style="' not in page.html
    links = [link.get("href", "") for link in page.article.iter("a")]
    assert not [link for link in links if "_images" in link]
    return list(page.article.iter("img"))


def size(image):
    return image.get("width"), image.get("height")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("", ("300", "200")),
        (":width:`150px`", ("150", "100")),
        (":width:`150`", ("150", "100")),
        (":height:`100px`", ("150", "100")),
        (":width:`1in`", ("96", "64")),
        (":width:`10em`", ("160", "107")),
        (":width:`50%`", ("50%", None)),
        (":width:`50%`\n:height:`3px`", ("50%", None)),
        (":width:`10px`\n:height:`30px`", ("10", "30")),
    ],
)
def test_when_a_size_is_asked_for_then_the_picture_has_it_once(one, asked, wanted):
    for name in ("a.png", "../img/a b.svg"):
        (image,) = images(one.made(f"# 页\n\n![图](<{name}>)\n{asked}\n"))
        assert size(image) == wanted
        assert image.get("alt") == "图"


PLACES = {
    "字![图](a.png)字": "图",
    '![图](a.png "题")': "图",
    "![图][a]\n\n[a]: a.png": "图",
    "- 一\n- ![图](a.png)": "图",
    "| 一 |\n|--|\n| ![图](a.png) |": "图",
    "[![图](a.png)](http://a.invalid)": "图",
    "字 <img src='a.png' alt='图'>": "图",
    "<img src='a.png'>": "",
    "![](a.png)": "",
    "![*图* `x` $y$](a.png)": None,
    '![x" & <](a.png)': 'x" & <',
    "![x <b>y</b>](a.png)": "x y",
    "![图](./a.png?raw=true)": "图",
}


@pytest.mark.parametrize(("text", "alt"), PLACES.items())
def test_when_a_picture_stands_anywhere_then_it_shows_at_its_size(one, text, alt):
    (image,) = images(one.made(f"# 页\n\n{text}\n"))
    assert size(image) == ("300", "200")
    assert image.get("alt") == alt or alt is None and image.get("alt").startswith("图")
    assert image.get("src").startswith("../_images/a")


def test_when_html_says_a_width_then_the_height_follows(one):
    (image,) = images(one.made("# 页\n\n<img src='a.png' width='150'>\n"))
    assert size(image) == ("150", "100")


def test_when_the_same_name_stands_in_two_folders_then_both_show(one):
    first, second = images(one.made("# 页\n\n![](a.png)\n\n![](../img/a.png)\n"))
    assert first.get("src") != second.get("src")
    assert [size(first), size(second)] == [("300", "200"), ("30", "20")]


def test_when_a_cell_draws_then_each_picture_shows_in_its_order(one):
    outputs = [
        display(image_png=encoded("png")),
        display(image_jpeg=encoded("jpeg")),
        display(image_gif=encoded("gif")),
        display(image_webp=encoded("webp")),
        display(**{"image_svg+xml": SVG}),
        display(image_png=encoded("png")),
    ]
    found = images(one.made(f"# 页\n{CELL}", [ran("x", *outputs)]))
    kinds = [image.get("src").rpartition(".")[2] for image in found]
    assert kinds == ["png", "jpg", "gif", "webp", "svg", "png"]
    assert {size(image) for image in found} == {("300", "200")}
    assert found[0].get("src") == found[5].get("src")


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"width": 50}, ("50", "33")),
        ({"height": 100, "width": 150}, ("150", "100")),
        ({"width": "50%"}, ("50%", None)),
        ({"width": 149.5}, ("150", "100")),
        ({"width": "1;x"}, ("300", "200")),
        ({"width": None, "unconfined": True}, ("300", "200")),
    ],
)
def test_when_a_cell_says_how_large_then_the_picture_is(one, told, wanted):
    output = display({"image/png": told}, image_png=encoded("png"), text_plain="<x>")
    (image,) = images(one.made(f"# 页\n{CELL}", [ran("x", output)]))
    assert size(image) == wanted


@pytest.mark.parametrize("raw", ["", "no picture", "AAAA", "é"])
@pytest.mark.parametrize("kind", ["image_png", "image_svg+xml"])
def test_when_a_picture_is_broken_then_the_page_is_made(one, raw, kind):
    output = display(**{kind: raw}, text_plain="said")
    page = one.made(f"# 页\n{CELL}", [ran("x", output)])
    assert page.warnings == ""


SOUND = "data:audio/wav;base64,UklG"


def test_when_a_cell_gives_sound_then_it_is_in_the_page_within_the_policy(one):
    text = (
        f'<audio controls="controls"><source src="{SOUND}" type="audio/wav" /></audio>'
    )
    page = one.made(f"# 页\n{CELL}", [ran("x", display(text_html=text))])
    (audio,) = page.article.iter("audio")
    assert audio.get("controls") is not None
    assert audio.find("source").get("src") == SOUND
    assert "media-src data:;" in read_policy()
