"""`bookkit serve`: a real server on a small book, read with a real Chromium."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from faulty_books import processes_with, wait_until
from playwright.sync_api import BrowserContext, Page, expect
from served import Served

LONG = "\n\n".join(f"Paragraph {number}." for number in range(80))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("served"))
    yield made
    made.end()


@pytest.fixture
def page(served: Served, reader: Callable[..., BrowserContext]) -> Page:
    return served.open_first(reader)


def overlay(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("alert")


def test_when_there_is_no_site_yet_then_it_appears_by_itself(served, reader):
    page = reader().new_page()
    answer = page.goto(f"{served.url}one.html")
    assert answer and answer.status == 503
    expect(page.get_by_text("Words.")).to_be_visible(timeout=20_000)
    served.wait_for(r"\d\d:\d\d:\d\d rebuilt 2 notebooks, \d+ pages in \d+\.\d s")


def test_when_a_paragraph_is_saved_then_the_open_page_shows_it(served, page):
    served.save("one", f"{LONG}\n\nNew words.")
    expect(page.get_by_text("New words.")).to_be_visible(timeout=30_000)
    page.evaluate("scrollTo(0, 700)")
    served.wait_for(r"rebuilt \d+ page")
    served.save("one", f"{LONG}\n\nNewer words.")
    expect(page.get_by_text("Newer words.")).to_be_attached(timeout=30_000)
    page.wait_for_function("() => scrollY > 650")
    served.wait_for(r"rebuilt \d+ page")
    assert "notebook" not in served.said
    saved = (served.book.root / "_build" / "html" / "one.html").read_text("utf-8")
    assert "_bookkit" not in saved


def test_when_a_cell_breaks_then_the_page_says_why_until_it_is_mended(served, page):
    served.save("one", cell="'<b>' * (1 / 0)")
    expect(overlay(page)).to_contain_text("ZeroDivisionError", timeout=30_000)
    expect(overlay(page).get_by_role("button", name="one.md:7")).to_be_visible()
    expect(overlay(page)).to_contain_text("'<b>' * (1 / 0)")
    expect(overlay(page)).to_contain_text("next: mend the cell")
    expect(page.locator(".bk-traceback")).to_contain_text("ZeroDivisionError")
    served.wait_for("error: 1 of 2 notebooks failed")
    served.wait_for(r"the build failed; rebuilt 1 notebook, \d+ page")
    page.reload()
    expect(overlay(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(overlay(page)).to_have_count(0)
    page.reload()
    page.get_by_role("button", name="关闭").click()
    expect(overlay(page)).to_have_count(0)
    page.get_by_role("button", name="生成失败。").click()
    expect(overlay(page)).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(overlay(page)).to_be_visible()
    served.save("one")
    expect(overlay(page)).to_have_count(0, timeout=30_000)


def test_when_a_cell_is_run_again_then_no_framework_is_imported_again(served, page):
    before = served.imports.read_text().split()
    assert len(before) == 1
    assert set(map(int, before)) <= set(processes_with("prefork/server"))
    served.save("one", cell="6 * 8")
    expect(page.get_by_text("48", exact=True)).to_be_attached(timeout=30_000)
    served.wait_for(r"rebuilt 1 notebook, \d+ page")
    assert served.imports.read_text().split() == before
    assert set(map(int, before)) <= set(processes_with("prefork/server"))


def test_when_two_files_are_saved_during_a_build_then_one_more_shows_both(served, page):
    slow = "__import__('time').sleep(1)"
    served.save("one", "Too early.", slow)
    time.sleep(0.6)
    served.save("one", "First save.", slow)
    served.save("two", "Second save.", "'two'")
    expect(page.get_by_text("First save.")).to_be_attached(timeout=30_000)
    page.goto(f"{served.url}two.html")
    expect(page.get_by_text("Second save.")).to_be_attached(timeout=30_000)
    time.sleep(0.5)
    assert served.said.count("rebuilt") <= 2


def test_when_a_page_is_gone_then_404_leads_home_and_it_comes_back(served, page):
    answer = page.goto(f"{served.url}three.html")
    assert answer and answer.status == 404
    assert page.get_by_role("link", name="目录").get_attribute("href") == "/index.html"
    served.book.write("three", "'three'")
    index = "# Faulty\n\n```toc\none\ntwo\nthree\n```\n"
    served.replace("index.md", index)
    expect(page.get_by_text("Words.")).to_be_visible(timeout=30_000)


def test_when_an_environment_is_stale_then_it_goes_on_once_it_is_mended(served, page):
    record = served.book.root / ".envs" / "alpha"
    lock = served.book.root / "envs" / "alpha.txt"
    kept = lock.read_text()
    served.lines.clear()
    lock.write_text(kept + "more==1\n")
    remedy = "bookkit --tabs alpha environments"
    expect(overlay(page)).to_contain_text(remedy, timeout=9000)
    # What `make environments` would leave: here another folder, made from this lock.
    made = served.book.root / ".envs" / "made"
    made.mkdir()
    target = record.resolve()
    for entry in target.iterdir():
        (made / entry.name).symlink_to(entry)
    (made / "bookkit.json").unlink()
    from dataclasses import replace

    from bookkit.book.config import load
    from bookkit.kernels.environments import environment_of

    tab = load(served.book.root).tab("alpha")
    environment_of(replace(tab, environment=made)).finish("3.11")
    record.unlink()
    record.symlink_to("made")
    expect(overlay(page)).to_have_count(0, timeout=30_000)
    served.wait_for("rebuilt 3 notebooks")
    assert len(served.imports.read_text().split()) > 1


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:{}", 200),
        ("[::1]:{}", 200),
        ("127.0.0.1", 200),
        ("evil.example:{}", 403),
        ("127.0.0.1.evil.example", 403),
        ("localhost@evil.example", 403),
        ("", 403),
    ],
)
def test_when_another_host_is_asked_for_then_it_is_refused(served, host, status):
    found = served.ask("/one.html", host.format(served.port) or " ")
    assert found[0] == status
    assert found[0] == 200 or "Words" not in found[1]


def test_when_another_site_follows_the_builds_then_it_is_refused(served):
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert served.ask("/_bookkit/live", Origin="http://evil", **headers)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/../config.ini",
        "/%2e%2e/config.ini",
        "/..%2fconfig.ini",
        "/%00",
        "/_static/",
        "/_static",
        "/" + "x" * 5000,
        "//etc/passwd",
        "/.hidden",
        "/_bookkit/missing.html",
        "/one.html/",
    ],
)
def test_when_no_page_is_asked_for_then_nothing_is_given(served, path):
    (served.book.root / "_build" / "html" / ".hidden").touch()
    status, text, headers = served.ask(path)
    assert status == 404
    assert "没有这一页" in text
    assert headers["Cache-Control"] == "no-store"


def test_when_the_port_is_taken_then_another_is_named(served):
    status, output = served.book.bookkit("serve", "--port", str(served.port))
    assert status == 2
    assert f"error: port {served.port}: another program listens there" in output
    assert "next: bookkit serve --port " in output


def test_when_the_server_starts_again_then_the_page_follows_it(served, page):
    began = time.monotonic()
    served.process.terminate()
    assert served.process.wait(5) == 0
    assert time.monotonic() - began < 1
    assert processes_with(str(served.book.root)) == []
    served.lines.clear()
    served.start(served.port)
    assert served.ask("/one.html")[0] == 200  # the last good site, at once
    served.wait_for("nothing to rebuild")
    served.save("one", "After all.")
    expect(page.get_by_text("After all.")).to_be_attached(timeout=20_000)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_when_it_ends_amid_a_run_then_nothing_is_left(served, number):
    if served.process.poll() is not None:
        served.lines.clear()
        served.start()
        served.wait_for("rebuilt|nothing to|failed")
    code = "open('begun', 'w').close()\n__import__('time').sleep(25)"
    served.save("two", cell=code)
    begun = served.book.root / "_build" / "run" / "alpha" / "two.md" / "begun"
    assert wait_until(begun.exists, 15), served.said
    began = time.monotonic()
    os.killpg(served.process.pid, number)  # as Ctrl-C in a terminal does
    served.process.wait(5)
    assert time.monotonic() - began < 2
    left = str(served.book.root)
    assert wait_until(lambda: not processes_with(left), 2), processes_with(left)
    served.save("two", cell="'two'")


def test_when_the_host_is_not_ours_then_it_is_told(tmp_path):
    from bookkit.errors import UsageError
    from bookkit.serve.addresses import addresses_of, listen

    with pytest.raises(UsageError, match="host 192.0.2.1: cannot be used"):
        listen("192.0.2.1", 0, tmp_path)
    if socket.has_ipv6:
        with listen("::1", 0, tmp_path) as opened:
            (address,) = addresses_of("::1", opened)
            assert address.startswith("http://[::1]:")
            assert len(addresses_of("::", opened)) == 2
