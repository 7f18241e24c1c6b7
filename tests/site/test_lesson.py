"""What a lesson's pages have beside text and code, in a browser."""

from pathlib import Path

import pytest
from browsers import DESKTOP
from kitchens import build_kitchen, copy_kitchen
from serving import ROOT

BOOK = ROOT / "_build" / "kitchen-lesson"


@pytest.fixture(scope="module")
def pages() -> Path:
    copy_kitchen(BOOK)
    return build_kitchen(BOOK).html_dir


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


def test_when_folded_code_is_alike_in_all_tabs_then_it_is_there_once(lesson):
    assert lesson().locator("details", has_text="folded_quietly").count() == 1
