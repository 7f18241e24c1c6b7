"""What `bookkit serve` tells an author on the page: what goes on, what is wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from served import Served

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
ASK_AXE = "async () => (await axe.run('#bookkit-live')).violations.map((one) => one.id)"
WHOLE = "# {}\n\n{}\n\n```{{.python .input}}\n#@tab alpha, beta\n{}\n```\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("told"), ("alpha", "beta"))
    yield made
    made.end()


@pytest.fixture
def page(served: Served, reader: Callable[..., BrowserContext]) -> Page:
    return served.open_first(reader)


def write(served: Served, name: str, words: str, cell: str = "6 * 7") -> None:
    served.lines.clear()
    served.replace(f"{name}.md", WHOLE.format(name, words, cell))


def test_when_the_first_site_is_made_then_the_page_says_how_far_it_is(served, reader):
    page = reader().new_page()
    page.goto(f"{served.url}one.html")
    expect(page.get_by_role("heading", name="正在生成网站")).to_be_visible()
    expect(page.locator("#bookkit-live-sign")).to_contain_text("正在生成…")
    expect(page.get_by_text("Words.")).to_be_visible(timeout=30_000)


def test_when_a_save_is_seen_then_a_sign_says_so_until_the_page_is_there(served, page):
    sign = page.locator("#bookkit-live-sign")
    expect(sign).to_have_text("", timeout=30_000)
    write(served, "one", "Slow words.", "__import__('time').sleep(2)")
    expect(sign).to_contain_text("正在生成…")
    expect(sign).to_contain_text("正在运行 one [", timeout=30_000)
    expect(page.get_by_text("Slow words.")).to_be_visible(timeout=30_000)
    served.wait_for("rebuilt 2 notebooks")
    expect(sign).to_have_text("", timeout=30_000)


def test_when_a_draft_lacks_a_tab_then_its_page_is_there_with_a_warning(served, page):
    served.save("one", "Draft words.")
    expect(page.get_by_text("Draft words.")).to_be_visible(timeout=30_000)
    served.wait_for("1 warning of what the draft lacks .next: bookkit check.")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="警告 1 处").click(timeout=30_000)
    told = page.get_by_role("alert").get_by_role("listitem")
    expect(told).to_contain_text("BK202 the section has no cell for beta")
    expect(told).to_contain_text("expected: its cells, or a `:begin_tab:`beta`")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="警告 1 处")).to_be_focused()
    for command in ("check", "build"):
        status, said = served.book.bookkit(command)
        assert (status, "one.md:1 [beta]: BK202" in said) == (1, True), said
    write(served, "one", "Whole words.")
    expect(page.get_by_text("Whole words.")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="警告")).to_have_count(0, timeout=30_000)


def test_when_several_pages_are_wrong_then_each_place_and_remedy_is_told(served, page):
    write(served, "two", "See :numref:`sec_gone`.\n\n![B](b.svg)")
    served.wait_for("the build failed; pages stay as they were")
    write(served, "one", "Words.\n\n:begin_tab:`betta`\nx\n:end_tab:")
    panel = page.get_by_role("alert")
    expect(panel.get_by_role("listitem")).to_have_count(3, timeout=30_000)
    expect(panel.get_by_role("heading")).to_have_text(
        ["本页 · 错误 1 处", "其他地方 · 错误 2 处"]
    )
    first, *others = panel.get_by_role("listitem").all()
    expect(first).to_contain_text("BK111 unknown tab `betta`")
    expect(first).to_contain_text("expected: perhaps `beta`; one of alpha, beta, all")
    expect(first).to_contain_text("next: correct it here, or add the tab")
    expect(others[0].get_by_role("button", name="two.md:3")).to_be_visible()
    expect(others[1]).to_contain_text("BK304 the figure `b.svg` does not exist")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first.get_by_role("button", name="one.md:5").click()
    expect(first.get_by_role("button")).to_have_attribute("data-copied", "已复制")
    assert page.evaluate("navigator.clipboard.readText()") == "one.md:5"
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(ASK_AXE) == []
    others[0].get_by_role("link").click()
    page.wait_for_url(f"{served.url}two.html")
    expect(panel.get_by_role("listitem").first).to_contain_text("two.md:3")
    write(served, "two", "Words.")
    write(served, "one", "Words.")
    expect(page.get_by_role("alert")).to_have_count(0, timeout=30_000)


def test_when_a_page_cannot_be_read_then_its_last_good_form_stays_and_it_says_so(
    served, page
):
    served.wait_for(r"rebuilt|nothing to")
    served.lines.clear()
    served.replace(
        "one.md", "# one\n\nNewer words.\n\n```bash\nls\n\n```python\n1\n```\n"
    )
    panel = page.get_by_role("alert")
    found = "BK106 a fence ```bash that is not closed before line 8"
    expect(panel).to_contain_text(found, timeout=30_000)
    expect(panel).to_contain_text("what was last read is shown")
    expect(page.get_by_text("Words.", exact=True)).to_be_visible()
    write(served, "one", "Words.", "__import__('time').sleep(1)")
    expect(panel).to_contain_text("正在生成…")
    expect(page.get_by_role("alert")).to_have_count(0, timeout=30_000)
