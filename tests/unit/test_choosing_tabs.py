"""Tabs are chosen as d2lbook chooses them, which copies everything for each tab."""

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookkit.book import d2lbook
from bookkit.book.markdown.slides import without_slide_marks

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = sorted(ROOT.glob("chapter_*/*.md"))
LINES = st.sampled_from(
    [
        "x = 1",
        "",
        "#@tab alpha",
        "#@tab beta",
        "#@tab all",
        "# @tab alpha, beta",
        "%%tab gamma",
        "%load_ext d2lbook.tab",
        "if tab.selected('alpha'):",
        "    y = 2",
        "print(':begin_tab:')",
        "if d2l.USE_BETA:",
        "[**bold**] and (~~gone~~)",
    ]
)
CODE = st.lists(LINES, min_size=1, max_size=5).map(
    lambda lines: "```{.python .input}\n" + "\n".join(lines) + "\n```\n"
)
PROSE = st.sampled_from(
    ["Words.", "# Title", ":begin_tab:`alpha`\nAlpha.\n:end_tab:", "[**a**] (~~b~~)"]
)
# d2lbook cannot split a text of which nothing is left
TEXTS = st.lists(CODE | PROSE, min_size=1, max_size=6).map(
    lambda parts: "\n\n".join(["# Title", *parts])
)


def theirs(notebook, tab, default):
    from d2lbook.notebook import get_tab_notebook

    with d2lbook.unvalidated():
        return get_tab_notebook(copy.deepcopy(notebook), tab, default)


def described(notebook):
    return notebook and [
        (cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells
    ]


def same(text, tabs):
    split = d2lbook.split(text)
    before = copy.deepcopy(split)
    for tab in tabs:
        try:
            wanted = described(theirs(before, tab, tabs[0]))
        except IndexError:  # of a tag inside a branch, which d2lbook cannot read
            with pytest.raises(IndexError):
                d2lbook.choose(split, tab, tabs[0])
            continue
        assert described(d2lbook.choose(split, tab, tabs[0])) == wanted
    assert split == before


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.stem)
def test_when_a_section_is_ours_then_its_tabs_are_those_of_d2lbook(path):
    tabs = ("pytorch", "mxnet", "tensorflow", "paddle")
    same(path.read_text(encoding="utf-8"), tabs)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(TEXTS)
def test_when_tabs_are_chosen_then_as_d2lbook_does(text):
    same(text, ("alpha", "beta", "gamma"))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TEXTS)
def test_when_slides_are_marked_then_the_marks_go_as_in_d2lbook(text):
    from d2lbook.slides import remove_slide_marks

    split = d2lbook.split(text)
    with d2lbook.unvalidated():
        wanted = remove_slide_marks(copy.deepcopy(split))
    prose = [cell.source for cell in split.cells if cell.cell_type == "markdown"]
    theirs = [cell.source for cell in wanted.cells if cell.cell_type == "markdown"]
    assert [without_slide_marks(source) for source in prose] == theirs


def test_when_slides_are_marked_then_code_and_lines_stay():
    text = "[**a\nb**] (~~c\nd~~)\n\n```\n(**x**)\n```\n[**l**](u)"
    plain = "a\nb \n\n\n```\n(**x**)\n```\n[**l**](u)"
    assert without_slide_marks(text) == plain
