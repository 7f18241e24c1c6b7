"""JupyterLab as `make lab` opens it, in a real Chromium."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsers import DESKTOP
from faulty_books import CONFIG, Book, processes_with, with_tabs
from playwright.sync_api import Browser, Page, expect

from bookkit.book.config import load
from bookkit.kernels import kernelspecs

WORDS = ("--no-browser", "--allow-root", "--port=0")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab/\S*\?token=[0-9a-f]{32,}")
TABS = ("gamma", "alpha", "beta")
#: JupyterLab loads for long where other tests run beside it.
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on a Chinese book of three tabs, of which two can run."""
    folder = tmp_path_factory.mktemp("lab")
    chinese = CONFIG.replace("lang = en", "lang = zh")
    book = Book(folder / "book", {"one": "6 * 7"}, chinese, TABS, without=["gamma"])
    (book.root / ".envs" / "gamma.unavailable").write_text("not on this machine\n")
    shutil.rmtree(book.root / "_build")
    kernelspecs.write_all(load(book.root))
    index = book.root / "index.md"
    index.write_text(index.read_text().replace("```toc\n", "```toc\n:numbered:\n\n"))
    home = folder / "home"
    home.mkdir()
    own = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home / "config")}
    command = [sys.executable, "-m", "bookkit", "--root", str(book.root), "lab"]
    with (folder / "log").open("w+b") as log:
        process = subprocess.Popen(
            [*command, *WORDS], stdout=log, stderr=log, env={**os.environ, **own}
        )
        try:
            yield address_of(process, folder / "log")
        finally:
            process.terminate()
            process.wait(30)


def address_of(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        text = log.read_text("utf-8", "replace")
        if found := ADDRESS.search(text):
            return found[0]
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(log.read_text("utf-8", "replace"))


@pytest.fixture(scope="module")
def opened(lab: str, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport=DESKTOP)
    page.set_default_timeout(PATIENCE_MS)
    page.goto(lab)
    yield page
    page.close()


def test_when_lab_opens_then_it_shows_the_contents_in_the_books_language(opened: Page):
    asked: set[str] = set()
    opened.on("request", lambda request: asked.add(request.url.split("/")[2]))
    opened.reload()
    text = opened.locator(".jp-RenderedMarkdown")
    expect(text.locator("li")).to_have_text("1 oneAlpha · Beta", timeout=PATIENCE_MS)
    expect(text.locator("h1")).to_contain_text("Faulty")
    expect(opened.locator("#jp-MainMenu")).to_contain_text("文件")
    # What asks for news comes when the rest is there
    opened.wait_for_load_state("networkidle")
    assert opened.locator(".jp-Dialog, .Toastify__toast").count() == 0
    assert len(asked) == 1  # no other host


def test_when_a_notebook_is_chosen_then_it_runs_with_the_kernel_of_its_tab(
    opened: Page,
):
    opened.locator(".jp-RenderedMarkdown a", has_text="Beta").click()
    opened.get_by_text("Beta (faulty)").first.wait_for()
    cell = opened.locator(".jp-NotebookPanel .jp-CodeCell").first
    cell.locator(".cm-content").fill("6 * 7 + 1")
    opened.get_by_text("Beta (faulty) | 空闲").wait_for()
    opened.keyboard.press("Shift+Enter")
    shown = cell.locator(".jp-OutputArea-output")
    expect(shown).to_have_text("43", timeout=PATIENCE_MS)


def test_when_kernels_are_listed_then_they_are_those_of_the_book(opened: Page):
    listed = opened.evaluate("fetch('/api/kernelspecs').then((it) => it.json())")
    assert sorted(listed["kernelspecs"]) == ["faulty-alpha", "faulty-beta"]
    assert listed["default"] == "faulty-alpha"


def test_when_somebody_has_no_token_then_lab_gives_nothing(lab):
    top, token = lab.partition("/lab/")[0], lab.rpartition("token=")[2]
    for wrong in ("", "?token=", f"?token={token[::-1]}"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{top}/api/contents{wrong}")
    with urllib.request.urlopen(f"{top}/api/contents?token={token}") as answer:
        assert answer.status == 200
    assert processes_with(token) == []


def test_when_two_books_share_environments_then_each_has_its_own_kernels(tmp_path):
    first = Book(tmp_path / "first", {"one": "1"})
    second = tmp_path / "second"
    second.mkdir()
    text = with_tabs(CONFIG, ["alpha"])
    shared = f"[bookkit]\nenvironments = {first.root / '.envs'}\n"
    shared += f"locks = {first.root / 'envs'}\n"
    (second / "config.ini").write_text(text.replace("[bookkit]\n", shared))
    (second / "index.md").write_text("# Second\n")
    kernelspecs.write_all(load(second))
    for root in (first.root, second):
        (path,) = root.glob("_build/jupyter/kernels/*/kernel.json")
        assert json.loads(path.read_text())["env"]["PYTHONPATH"] == str(root)
    assert list(first.root.glob(".envs/**/kernels")) == []
