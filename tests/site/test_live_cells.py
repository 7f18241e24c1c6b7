"""Cells edited and run in a real Chromium, against a real `bookkit read`."""

import gzip
import re
from pathlib import Path

import pytest
from browsers import DESKTOP, PHONE
from live_book import Reading, build_book
from playwright.sync_api import expect
from test_axe import AXE, LEVELS
from test_axe import RUN as RUN_AXE

STATIC = Path(__file__).parents[2] / "bookkit/src/bookkit/serve/static"
MOST_BYTES = 200_000
WATCH = """
window.broken = [];
addEventListener("securitypolicyviolation", (event) => broken.push(
  `${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
RICH = """from IPython.display import HTML, SVG, display
display(HTML('<style>b { color: red }</style><b style="color: red">bold</b>'))
SVG('<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"></svg>')"""
PANEL = "#cell-{cell} .bk-panel[data-tab={tab}]"


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    book = build_book(tmp_path_factory.mktemp("live") / "book")
    made = Reading.of(book.root)
    made.book = book
    yield made
    made.end()


@pytest.fixture
def open_page(reading, reader):
    """Open a page as a new reader, or in the same browser; it must not complain."""
    said = []

    def make(name="one.html", context=None, fragment=None, ready=True, **options):
        context = context or reader(**{"viewport": DESKTOP, **options})
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        fragment = reading.fragment if fragment is None else fragment
        page.goto(f"{reading.url}{name}#{fragment}")
        if ready:
            expect(page.locator(".bk-kernel-state")).to_contain_text(
                re.compile("：(可以运行|空闲)")
            )
        made.append(page)
        return page

    made = []
    yield make
    for page in made:
        assert page.evaluate("window.broken ?? []") == []
    assert said == []


class LiveCell:
    """One cell of a page: its code, its button, what it gave."""

    def __init__(self, block, ran):
        self.block, self.ran = block, ran
        self.run_button = block.locator(".bk-run")
        self.area = block.locator("textarea")
        self.line = self.ran.locator(".bk-run-line")
        self.outputs = self.ran.locator(".bk-ran-outputs")
        self.verdict = self.ran.locator(".bk-verdict")

    def run(self, status="ok"):
        self.run_button.click()
        self.ended(status)

    def ended(self, status="ok"):
        expect(self.ran).to_have_attribute("data-state", status, timeout=10_000)

    def write(self, code):
        self.block.scroll_into_view_if_needed()
        if not self.area.count():  # an exercise's opens by itself, perhaps right now
            self.block.locator(".bk-edit").dispatch_event("click")
        self.area.fill(code)


def cell_of(page, cell, turn=0, tab="alpha"):
    panel = page.locator(PANEL.format(cell=cell, tab=tab))
    key = f"{cell}.{turn + 1}" if turn else cell
    ran = panel.locator(f'.bk-ran[data-cell="{key}"]')
    return LiveCell(panel.locator(".bk-code").nth(turn), ran)


def free(page, code):
    cell = LiveCell(page.locator(".bk-code"), page.locator(".bk-ran"))
    cell.write(code)
    return cell


BASE, USE, NEVER, FOLDED, LONG = (1, 1), (2, 0), (2, 1), (2, 2), (2, 3)
CASES, THRICE, LAST = (3, 0), (3, 1), (4, 0)


def test_when_opened_then_the_token_goes_out_of_the_address(open_page):
    page = open_page()
    assert page.evaluate("location.hash") == ""
    assert "run=" not in page.evaluate("JSON.stringify([document.URL, history.state])")
    page.goto(page.url.replace("one.html", "other.html"))
    expect(page.locator(".bk-kernel-state")).to_contain_text("可以运行")


def test_when_there_is_no_token_then_a_press_says_where_it_is(open_page):
    page = open_page("one.html", fragment="", ready=False)
    assert page.locator(".bk-kernel").count() == 0
    cell_of(page, *USE).run_button.click()
    expect(page.locator(".bk-kernel-problem")).to_contain_text(
        "终端里打印的那个完整地址"
    )


def test_when_the_token_is_an_old_one_then_that_is_said(open_page):
    page = open_page("one.html", fragment="run=of-yesterday", ready=False)
    expect(page.locator(".bk-kernel-problem")).to_contain_text(
        "不能用了", timeout=10_000
    )


def test_when_a_window_has_no_token_then_another_hands_it_over(open_page):
    context = open_page().context
    open_page("other.html", context=context, fragment="")


def test_when_run_then_what_is_stale_above_runs_first_and_is_said(open_page):
    page = open_page()
    cell = cell_of(page, *USE)
    cell.run()
    expect(cell.line).to_contain_text("先运行了上面的2个单元格")
    expect(cell.line).to_contain_text("与书中相同")
    above = cell_of(page, *BASE)
    above.ended()
    cell.run_button.click()
    expect(cell.line).not_to_contain_text("先运行")
    cell.ended()
    # What the book does not run is left out, what is folded counts.
    last = cell_of(page, *LONG)
    last.run()
    expect(last.line).to_contain_text("先运行了上面的1个单元格")
    assert cell_of(page, *NEVER).ran.count() == 0


def test_when_a_cell_above_is_changed_then_all_that_used_it_runs_again(open_page):
    page = open_page()
    cell_of(page, *LONG).run()
    cell_of(page, *BASE).write("base = 5\nbase")
    last = cell_of(page, *LONG)
    last.run()
    expect(last.line).to_contain_text("先运行了上面的3个单元格")
    use = cell_of(page, *USE)
    expect(use.outputs).to_contain_text("12")
    expect(use.line).to_contain_text("与书中不同")


def test_when_it_differs_from_the_book_then_both_can_be_seen(open_page):
    page = open_page()
    cell = cell_of(page, *BASE)
    cell.write("base = 7\nbase")
    cell.area.press("Control+Enter")
    cell.ended()
    book = page.locator("#cell-1 .bk-panel[data-tab=alpha] > .output")
    expect(cell.outputs).to_have_text("7")
    expect(book).to_be_hidden()
    cell.line.get_by_role("button", name="看书中的输出").click()
    expect(book).to_be_visible()
    expect(book).to_have_text("20")
    label = book.evaluate("box => getComputedStyle(box, '::before').content")
    assert label == '"书中的输出"'
    cell.block.get_by_role("button", name="恢复书中的代码").click()
    expect(cell.area).to_have_count(0)
    expect(cell.outputs).to_be_empty()
    expect(book).to_be_visible()


def test_when_a_cell_names_the_machine_then_it_is_the_same_as_in_the_book(open_page):
    page = open_page("told.html")
    cell = LiveCell(page.locator(".bk-code"), page.locator(".bk-ran"))
    for _ in range(2):  # as another cell, of another number
        cell.run()
        expect(cell.line).to_contain_text("与书中相同")


def test_when_answered_then_the_verdict_is_said(open_page):
    page = open_page()
    cell = cell_of(page, *THRICE)
    cell.block.scroll_into_view_if_needed()
    expect(cell.area).to_be_visible()  # its editor is open
    told = page.locator("p[role=status].visually-hidden", has_text="写")
    cell.run()
    expect(cell.verdict).to_have_attribute("data-kind", "unwritten")
    expect(cell.verdict).to_have_text("还没有写")
    expect(told).to_have_count(1)
    cell.write(
        cell.area.input_value().replace("raise NotImplementedError", "return 2 * x")
    )
    cell.run()
    expect(cell.verdict).to_have_attribute("data-kind", "wrong")
    expect(cell.verdict).to_have_text("✗ 2的三倍：应为6，你的是4")
    cell.write(cell.area.input_value().replace("2 * x", "3 * x"))
    cell.area.press("Shift+Enter")
    expect(cell.verdict).to_have_attribute("data-kind", "right")
    expect(cell.verdict).to_have_text("✓ 正确")


def test_when_another_answer_raises_then_the_next_one_runs_all_the_same(open_page):
    page = open_page()
    cell_of(page, *THRICE).write("1 / 0\nd2l.check(thrice, thrice_cases)")
    last = cell_of(page, *LAST)
    last.block.scroll_into_view_if_needed()
    last.run()
    expect(last.verdict).to_have_text("还没有写")
    first = cell_of(page, *THRICE)
    expect(first.outputs).to_contain_text("ZeroDivisionError")
    last.run()
    expect(last.line).not_to_contain_text("先运行")


def test_when_a_cell_above_fails_then_it_is_named_and_the_cell_runs_alone(open_page):
    page = open_page()
    cell_of(page, *BASE).write("base = 1 / 0")
    use = cell_of(page, *USE)
    use.run("aborted")
    expect(use.line).to_contain_text("前面出错了：第1.2段")
    assert use.line.get_by_role("link").get_attribute("href") == "#cell-1"
    use.line.get_by_role("button", name="只运行这一段").click()
    expect(use.outputs).to_contain_text("NameError")


def test_when_an_output_is_long_then_it_is_folded_as_in_the_book(open_page):
    page = open_page()
    cell = cell_of(page, *LONG)
    cell.write("for number in range(50):\n    print('line', number)")
    cell.run()
    expect(cell.outputs.locator("summary")).to_contain_text("再显示34行")
    expect(cell.outputs.get_by_text("line 40")).to_be_hidden()
    cell.outputs.locator("summary").click()
    expect(cell.outputs.get_by_text("line 40")).to_be_visible()


def test_when_a_cell_shows_html_and_a_picture_then_both_are_shown(open_page):
    page = open_page("free.html")
    cell = free(page, RICH)
    cell.run()
    expect(cell.outputs.locator(".bk-rich-html b")).to_have_text("bold")
    assert cell.outputs.locator("[style], style, script").count() == 0
    image = cell.outputs.locator("figure.bk-rich img")
    assert (
        image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 20
    )


def test_when_a_cell_asks_then_a_form_answers(open_page):
    cell = free(open_page("free.html"), "name = input('谁？')\n'你好，' + name")
    cell.run_button.click()
    box = cell.ran.get_by_label("谁？")
    expect(box).to_be_focused()
    box.fill("小书")
    box.press("Enter")
    cell.ended()
    expect(cell.outputs).to_contain_text("你好，小书")


def test_when_a_cell_never_ends_then_its_button_interrupts(open_page):
    page = open_page()
    cell = cell_of(page, *NEVER)
    cell.run("running")
    expect(cell.run_button).to_have_attribute("aria-label", "中断")
    expect(page.locator(".bk-kernel-state")).to_contain_text("正在运行")
    cell.run_button.click()
    cell.ended("interrupted")
    expect(cell.line).to_contain_text("已中断")


def test_when_a_kernel_is_killed_then_that_is_said_and_another_one_starts(
    open_page,
):
    page = open_page("free.html")
    cell = free(page, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    cell.run("died")
    expect(page.locator(".bk-kernel-state")).to_contain_text("已停止")
    expect(page.locator(".bk-kernel-note")).to_contain_text("意外结束")
    cell.write("6 * 7")
    cell.run()
    expect(cell.outputs).to_have_text("42")


def test_when_restarted_then_everything_is_stale_again(open_page):
    page = open_page()
    use = cell_of(page, *USE)
    use.run()
    page.get_by_role("button", name="重启").click()
    expect(page.locator(".bk-kernel-state")).to_contain_text("正在启动")
    expect(page.locator(".bk-kernel-state")).to_contain_text("空闲", timeout=10_000)
    expect(page.locator(".bk-kernel-note")).to_contain_text("新的内核")
    use.run()
    expect(page.locator(".bk-kernel-note")).to_be_hidden()
    expect(use.line).to_contain_text("先运行了上面的2个单元格")


def test_when_all_is_run_then_every_cell_of_the_framework_has_run(open_page):
    page = open_page()
    page.get_by_role("button", name="运行全部").click()
    cell_of(page, *LAST).ended()
    for place in (BASE, USE, FOLDED, LONG, CASES, THRICE):
        cell_of(page, *place).ended()


def test_when_an_environment_is_missing_then_the_button_says_what_to_run(open_page):
    page = open_page()
    page.locator(".bk-framework[data-tab=gamma] input").click()
    cell = cell_of(page, *BASE, tab="gamma")
    expect(cell.run_button).to_have_attribute("title", re.compile("environments"))
    cell.run_button.click()
    expect(cell.line).to_contain_text("还没有Gamma的环境")
    expect(cell.line.locator("code")).to_have_text("bookkit --tabs gamma environments")


def test_when_another_framework_is_shown_then_its_kernel_runs(
    open_page,
):
    page = open_page()
    cell_of(page, *USE).run()
    shared = page.locator("#cell-1 .bk-ran[data-tab]")
    page.locator(".bk-framework[data-tab=beta] input").click()
    use = cell_of(page, *USE, tab="beta")
    use.run()
    expect(use.line).to_contain_text("先运行了上面的2个单元格")
    assert shared.count() in (0, 2)


def test_when_edited_then_it_is_kept_until_reset(open_page):
    page = open_page()
    cell_of(page, *USE).write("'kept'")
    again = open_page(context=page.context)
    cell = cell_of(again, *USE)
    expect(cell.area).to_have_value("'kept'")
    # and what one window takes back the other one has no more
    cell.block.get_by_role("button", name="恢复书中的代码").click()
    expect(cell_of(page, *USE).area).to_have_count(0)
    assert (
        again.evaluate("Object.keys(localStorage).filter(k => /cell:/.test(k))") == []
    )


def test_when_the_book_changed_meanwhile_then_both_are_offered(open_page, reading):
    page = open_page()
    cell_of(page, *BASE).write("base = 8\nbase")
    built = reading.book.root / "_build" / "html" / "one.html"
    html = built.read_text()
    changed = html.replace('<span class="mi">20</span>', '<span class="mi">21</span>')
    assert changed != html
    built.write_text(changed)
    try:
        again = open_page(context=page.context)
        cell = cell_of(again, *BASE)
        expect(cell.block).to_contain_text("书里的这段代码也变了")
        cell.block.get_by_role("button", name="保留我的").click()
        expect(cell.block).not_to_contain_text("也变了")
        third = open_page(context=page.context)
        cell = cell_of(third, *BASE)
        expect(cell.area).to_have_value("base = 8\nbase")
        expect(cell.block).not_to_contain_text("也变了")
    finally:
        built.write_text(html)


def test_when_storage_is_blocked_then_it_works_and_says_so_once(open_page, reader):
    context = reader()
    context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full'); };"
    )
    page = open_page("free.html", context=context)
    cell = free(page, "6 * 7")
    expect(page.locator(".bk-kernel-problem")).to_contain_text("不能保存你的改动")
    page.locator(".bk-kernel-problem").get_by_role("button").click()
    cell.write("6 * 8")
    cell.run()
    expect(cell.outputs).to_have_text("48")
    expect(page.locator(".bk-kernel-problem")).to_be_hidden()


def test_when_two_windows_are_open_then_both_show_what_runs(open_page):
    page = open_page()
    other = open_page(context=page.context)
    cell_of(page, *USE).run()
    follower = cell_of(other, *USE)
    follower.ended()
    expect(follower.line).to_contain_text("与书中相同")
    follower.run_button.click()
    expect(follower.line).not_to_contain_text("先运行")


def test_when_loaded_again_then_what_ran_is_still_there(open_page):
    page = open_page()
    cell_of(page, *BASE).write("for i in range(3):\n    print(i, flush=True)\nbase = 9")
    cell_of(page, *USE).run()
    page.reload()
    use = cell_of(page, *USE)
    expect(use.outputs).to_have_text("20")
    expect(use.line).to_contain_text("与书中不同")
    expect(cell_of(page, *BASE).outputs.locator("pre")).to_have_text("0\n1\n2\n")
    use.run_button.click()
    expect(use.line).not_to_contain_text("先运行")


def test_when_the_connection_is_lost_in_mid_run_then_it_comes_again(open_page, reader):
    context, links = reader(), []

    def pass_on(route):
        links.append(route)
        server = route.connect_to_server()
        route.on_message(server.send)
        server.on_message(route.send)

    context.route_web_socket("**/_bookkit/run", pass_on)
    page = open_page("free.html", context=context)
    cell = free(page, "import time\nprint('begun')\ntime.sleep(1)\n'ended'")
    cell.run_button.click()
    expect(cell.outputs).to_contain_text("begun")
    links[-1].close()
    expect(page.locator(".bk-kernel")).to_have_attribute(
        "data-state", re.compile("link")
    )
    cell.ended()
    expect(cell.outputs).to_have_text("begun\n'ended'")
    assert len(links) > 1
    cell.write("6 * 7")
    cell.run()
    expect(cell.outputs).to_have_text("42")


def test_when_typing_then_keys_do_what_code_wants(open_page):
    page = open_page("free.html")
    cell = free(page, "")
    cell.area.focus()
    page.keyboard.type("for i in range(3):\nprint(i)\n")
    assert cell.area.input_value() == "for i in range(3):\n    print(i)\n    "
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("pass")
    assert cell.area.input_value() == "for i in range(3):\n    print(i)\n    pass"
    page.keyboard.press("Control+a")
    page.keyboard.press("Tab")
    assert cell.area.input_value().startswith("    for")
    page.keyboard.press("Control+z")
    assert cell.area.input_value().startswith("for")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(cell.area).not_to_be_focused()
    shown = cell.block.locator(".bk-editor pre")
    assert shown.text_content() == cell.area.input_value() + "\n"


def test_when_a_word_is_begun_then_the_kernel_ends_it_and_helps(open_page):
    page = open_page("free.html")
    cell = free(page, "import os")
    cell.run()
    cell.area.focus()
    page.keyboard.press("End")
    page.keyboard.type("\nos.path.spl")
    page.keyboard.press("Control+ ")
    words = page.get_by_role("listbox")
    expect(words).to_be_visible(timeout=20_000)
    assert words.get_by_role("option").all_inner_texts()[0] == "split"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(words).to_have_count(0)
    assert cell.area.input_value().startswith("import os\nos.path.split")
    page.keyboard.press("Control+Enter")
    cell.ended()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".bk-hints-help")).to_contain_text("Split", timeout=20_000)
    page.keyboard.press("Escape")
    expect(page.locator(".bk-hints")).to_have_count(0)
    expect(cell.area).to_be_focused()


def axe_finds(page):
    live = ["article", ".bk-kernel", ".bk-hints"]
    return page.evaluate(f"{AXE}; ({RUN_AXE})([{{runOnly: {LEVELS}}}, {live}])")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_when_everything_live_is_open_then_axe_finds_nothing(open_page, scheme):
    page = open_page(color_scheme=scheme)
    cell_of(page, *BASE).write("base = int(input('how many? ') or 1)\nbase")
    cell_of(page, *BASE).run_button.click()
    cell_of(page, *BASE).ran.get_by_role("textbox").wait_for()
    use = cell_of(page, *USE)
    use.write("1 / 0")
    assert axe_finds(page) == []
    cell_of(page, *BASE).ran.get_by_role("textbox").press("Enter")
    cell_of(page, *BASE).ended()
    use.run("error")
    use.block.get_by_role("button", name="恢复书中的代码").click()
    last = cell_of(page, *LAST)
    last.block.scroll_into_view_if_needed()
    last.run()
    assert axe_finds(page) == []


def test_when_touched_then_a_phone_has_all_of_it(open_page):
    page = open_page(viewport=PHONE, is_mobile=True, has_touch=True)
    cell = cell_of(page, *THRICE)
    cell.block.scroll_into_view_if_needed()
    cell.run_button.tap()
    expect(cell.verdict).to_have_text("还没有写", timeout=10_000)
    size = cell.area.evaluate("area => parseFloat(getComputedStyle(area).fontSize)")
    assert size >= 16  # or a phone makes all of the page larger
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_when_printed_then_the_book_is(open_page):
    page = open_page()
    cell = cell_of(page, *BASE)
    cell.write("base = 7\nbase")
    cell.run()
    page.emulate_media(media="print")
    for live in (
        cell.ran,
        page.locator(".bk-kernel"),
        page.locator(".bk-editor").first,
    ):
        expect(live).to_be_hidden()
    expect(cell.block.locator("pre").last).to_be_visible()
    expect(page.locator("#cell-1 .bk-panel[data-tab=alpha] > .output")).to_be_visible()


def test_when_loaded_then_the_live_parts_are_light():
    files = [
        file for file in STATIC.rglob("*.*") if file.suffix in (".js", ".css", ".json")
    ]
    assert len(files) > 10
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= MOST_BYTES
