"""Exercises of the real book, answered in the page in each framework."""

import pytest
from live_book import Reading
from playwright.sync_api import expect

ROOT_PAGE = "chapter_computation/deferred-init.html"
TASK = "d2l.check(num_waiting"
SECONDS = 120  # of a busy machine that imports a framework


@pytest.fixture(scope="module")
def reading(site_dir):
    made = Reading.of(site_dir.parents[1])
    yield made
    made.end()


def test_when_an_exercise_is_answered_then_the_framework_judges(tab, reading, reader):
    page = reader().new_page()
    page.goto(f"{reading.url}{ROOT_PAGE}?tab={tab}#{reading.fragment}")
    answers = page.locator(f".bk-panel[data-tab={tab}] > .bk-code", has_text=TASK)
    task, solution = answers.nth(0), answers.nth(1)
    task.scroll_into_view_if_needed()
    verdict = task.locator("xpath=..").locator(".bk-verdict").last
    task.locator("textarea").press("Control+Enter")
    expect(verdict).to_have_text("还没有写", timeout=SECONDS * 1000)
    task.locator("textarea").fill(solution.locator("pre").text_content().strip())
    task.locator("textarea").press("Control+Enter")
    expect(verdict).to_have_text("✓ 正确", timeout=SECONDS * 1000)
