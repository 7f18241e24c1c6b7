"""Links in highlighted code: in the right place, and nothing else is changed."""

from __future__ import annotations

import re
from html import unescape

import pytest
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from bookkit.library.uses import find_uses
from bookkit.site.extension.cells.saved_links import Link, with_links

CODE = """\
# 注释<b> & f(1)
from d2l import torch as d2l
x = "f('&')", d2l.f(1) < d2l.f(2) and d2l.g
d2l.f
"""


def highlighted(code: str) -> str:
    return str(highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)))


def links_of(code: str) -> list[Link]:
    starts = [0]
    for line in code.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    (uses,) = find_uses([code], "d2l.torch")
    return [
        (
            starts[use.line - 1] + use.column,
            len(use.written),
            f"a.html?x=1&y#{use.name}",
        )
        for use in uses
    ]


def test_when_linked_then_names_lead_and_the_code_is_the_same() -> None:
    html = with_links(highlighted(CODE), links_of(CODE))
    found = re.findall(r'<a class="bk-saved" href="([^"]*)">([^<]*)</a>', html)
    assert [(unescape(address), name) for address, name in found] == [
        ("a.html?x=1&y#f", "f"),
        ("a.html?x=1&y#f", "f"),
        ("a.html?x=1&y#g", "g"),
        ("a.html?x=1&y#f", "f"),
    ]
    assert re.sub(r"</?a\b[^>]*>", "", html) == highlighted(CODE)
    before = html.splitlines()[2].partition("<a ")[0]
    assert unescape(re.sub("<[^>]*>", "", before)) == "x = \"f('&')\", d2l."


def test_when_nothing_is_used_then_nothing_is_changed() -> None:
    assert with_links(highlighted(CODE), []) == highlighted(CODE)


@pytest.mark.parametrize("place", [(1, 3, "a"), (400, 1, "a"), (0, 2, "a")])
def test_when_a_place_is_no_name_then_no_link_is_made(place: Link) -> None:
    assert with_links(highlighted(CODE), [place]) == highlighted(CODE)
