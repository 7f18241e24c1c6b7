"""Which pictures a section shows: exactly, and in a hurry."""

from pathlib import PurePosixPath

import pytest

from bookkit.book.links import image_paths
from bookkit.book.markdown import tokens_of
from bookkit.book.pictures import file_of, pictures_of

ONE = PurePosixPath("c/one.md")


@pytest.mark.parametrize(
    "text",
    [
        "![a](../img/b.svg)",
        '![a](../img/b.svg "title")',
        "![a $x[i]$](../img/b.svg)",
        "[![a](../img/b.svg)](https://example.org)",
        "![a][b]\n\n[b]: ../img/b.svg",
        "![b]\n\n[B]: <../img/b.svg> 'title'",
        '<img alt="a" src="../img/b.svg">',
        "<p>\n<IMG src='../img/b.svg'/>\n</p>",
        "![a](../img/b.svg?raw=true)",
        "| a |\n|---|\n| ![a](../img/b.svg) |",
        "![a](/img/b.svg)",
    ],
)
def test_when_a_picture_is_shown_then_it_is_found(text):
    pictures = pictures_of(text, tokens_of(text))
    shown = [file_of(one.address, ONE.parent) for one in pictures]
    assert shown == [PurePosixPath("img/b.svg")]
    assert shown[0] in image_paths(ONE, text)


@pytest.mark.parametrize(
    "name", ["<a b.svg>", "a%20b.svg", "a(1).svg", "图.PNG", "a.b.webp"]
)
def test_when_its_name_is_odd_then_it_is_found(name):
    text = f"字![甲]({name})，[^1]"
    (shown,) = pictures_of(text, tokens_of(text))
    file = file_of(shown.address, ONE.parent)
    assert file is not None and file in image_paths(ONE, text)
    assert "%" not in str(file)


def test_when_it_is_code_or_a_comment_then_nothing_is_shown():
    shown = "![a](b.svg) <img src=b.svg>"
    text = f"`{shown}`\n\n```\n{shown}\n```\n\n<!-- {shown} -->\n"
    assert list(pictures_of(text, tokens_of(text))) == []


def test_when_a_name_is_too_long_for_a_file_system_then_it_is_left_out():
    assert image_paths(ONE, f"![a]({'图' * 100}.svg)") == []
