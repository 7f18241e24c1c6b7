"""The run button of a cell where no server runs cells: it says where to run them."""

import functools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import DESKTOP, PHONE
from playwright.sync_api import Locator, Page, expect
from serving import Quiet, serve
from test_axe import AXE, BUT_COLOURS, ONLY_COLOURS, RUN
from whole_books import build_whole

PAGE = "one/defines.html"


@pytest.fixture(scope="module")
def cloned(whole_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same book, with an address to clone it from."""
    book = tmp_path_factory.mktemp("cloned") / "book"
    shutil.copytree(whole_book, book)
    config = book / "config.ini"
    text = config.read_text("utf-8")
    repository = "[bookkit]\nrepository = https://github.com/some-one/book.git\n"
    config.write_text(text + repository, "utf-8")
    build_whole(book)
    return book


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve `whole_book`, or what the test names, under the policy."""
    book = request.getfixturevalue(getattr(request, "param", "whole_book"))
    folder = str(book / "_build" / "html")
    with serve(functools.partial(Quiet, directory=folder)) as found:
        yield f"{found}/{PAGE}"


CLONED = pytest.mark.parametrize("address", ["cloned"], indirect=True)


def opened(page: Page, address: str, tab: str = "alpha") -> Locator:
    """Press the run button of a tab's first cell; return the dialog."""
    page.goto(f"{address}?tab={tab}")
    page.locator(".bk-run:visible").first.click()
    return page.get_by_role("dialog", name="运行这段代码")


def lines(dialog: Locator) -> list[str]:
    return dialog.locator("pre:visible").inner_text().splitlines()


def test_when_nobody_runs_cells_then_the_button_says_where_they_can_be_run(
    reader, address
):
    page = reader().new_page()
    dialog = opened(page, address, "beta")
    expect(dialog).to_be_visible()
    assert lines(dialog) == ["pip install jupyterlab", "jupyter lab defines.ipynb"]
    links = {
        link.inner_text(): link.get_attribute("href")
        for link in dialog.locator("a:visible").all()
    }
    assert list(links) == ["下载本节笔记本", "在Colab中打开", "在Kaggle中打开"]
    assert links["下载本节笔记本"].endswith("_notebooks/beta/one/defines.ipynb")


def test_when_a_tab_has_fewer_services_then_its_own_are_shown(reader, address):
    dialog = opened(reader().new_page(), address)
    names = dialog.locator("a:visible").all_inner_texts()
    assert names == ["下载本节笔记本", "在Colab中打开"]


@CLONED
def test_when_the_book_can_be_cloned_then_two_lines_do_it(reader, address):
    dialog = opened(reader().new_page(), address)
    assert lines(dialog) == [
        "git clone https://github.com/some-one/book.git && cd book",
        "make TABS=alpha && make read TABS=alpha",
    ]


@CLONED
def test_when_the_lines_are_given_to_a_shell_then_it_can_read_them(reader, address):
    dialog = opened(reader().new_page(), address)
    script = "\n".join(lines(dialog))
    assert subprocess.run(["sh", "-n", "-c", script]).returncode == 0


@pytest.mark.parametrize("end", ["Escape", "button", "outside", "link"])
def test_when_the_dialog_ends_then_focus_is_back_on_the_button(reader, address, end):
    page = reader().new_page()
    dialog = opened(page, address)
    if end == "Escape":
        page.keyboard.press("Escape")
    elif end == "button":
        dialog.get_by_role("button", name="关闭").click()
    elif end == "link":
        with page.expect_download():
            dialog.locator("a[download]:visible").click()
    else:
        page.mouse.click(3, 3)
    expect(page.locator(".bk-here")).to_be_hidden()
    button = page.locator(".bk-run:visible").first
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()


def test_when_a_server_runs_cells_then_no_dialog_opens(reader, address):
    page = reader().new_page()
    page.goto(address)
    # As the script of a server does, which is loaded after the page's own
    page.evaluate("addEventListener('bookkit:run', (event) => event.preventDefault())")
    page.locator(".bk-run:visible").first.click()
    page.wait_for_timeout(100)
    assert page.locator(".bk-here:visible").count() == 0


@CLONED
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_when_the_dialog_is_open_then_axe_finds_nothing(reader, address, size, scheme):
    page = reader(color_scheme=scheme, viewport=size).new_page()
    dialog = opened(page, address)
    expect(dialog).to_be_visible()
    page.evaluate(AXE)
    for options in (BUT_COLOURS, ONLY_COLOURS):
        assert page.evaluate(RUN, [options, [".bk-here"]]) == []
    box = dialog.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    inside = "(one) => one.scrollWidth <= one.clientWidth"
    assert dialog.evaluate(inside)
