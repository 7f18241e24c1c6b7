"""The built site, served on loopback, and a real Chromium to read it with."""

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsers import DESKTOP, start_chromium
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    sync_playwright,
)
from serving import Quiet, serve
from site_books import write_files
from whole_books import FILES, build_whole

if TYPE_CHECKING:
    from one_page import OnePage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def site_dir() -> Path:
    folder = Path(os.environ.get("BOOKKIT_SITE_DIR", ROOT / "_build" / "html"))
    if not (folder / "index.html").is_file():
        pytest.fail(f"{folder} has no index.html: the site is not built; run `make`.")
    return folder


@pytest.fixture(scope="session")
def pages(site_dir: Path) -> list[str]:
    """Every page that comes from a source, relative to the site's folder."""
    made_by_sphinx = {"404.html", "genindex.html", "search.html", "py-modindex.html"}
    found = (path.relative_to(site_dir) for path in site_dir.rglob("*.html"))
    return sorted(
        path.as_posix()
        for path in found
        if path.name not in made_by_sphinx and not path.parts[0].startswith("_")
    )


@pytest.fixture(scope="session")
def texts(site_dir: Path, pages: list[str]) -> dict[str, str]:
    names = [*pages, "search.html"]
    return {name: (site_dir / name).read_text(encoding="utf-8") for name in names}


@pytest.fixture(scope="session")
def sections(texts: dict[str, str]) -> list[str]:
    """The pages that have tab groups, at least two of them."""
    found = [page for page, html in texts.items() if 'class="bk-tabs' in html]
    assert len(found) >= 2, f"only {found} have tab groups; the book is incomplete"
    return found


@pytest.fixture(scope="session")
def site_url(site_dir: Path) -> Iterator[str]:
    with serve(functools.partial(Quiet, directory=str(site_dir))) as address:
        yield address


@pytest.fixture(scope="session")
def whole_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book that is built, with a bit of everything; not to be changed."""
    root = write_files(tmp_path_factory.mktemp("whole"), FILES)
    build_whole(root)
    return root


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator["OnePage"]:
    """One Sphinx, in process, that makes a page of whatever it is given."""
    from one_page import OnePage

    book = OnePage(tmp_path_factory.mktemp("one") / "book")
    yield book
    book.close()


class _Shared:
    """One browser for all files of this folder: each start costs as much as two pages.

    Its driver keeps an event loop running, which others cannot have meanwhile: it ends
    before a test of another folder begins.
    """

    def __init__(self) -> None:
        self._open = contextlib.ExitStack()
        self._driver: Playwright | None = None
        self._browser: Browser | None = None

    def driver(self) -> Playwright:
        if self._driver is None:
            self._driver = self._open.enter_context(sync_playwright())
        return self._driver

    def browser(self) -> Browser:
        if self._browser is None:
            self._browser = start_chromium(self.driver().chromium)
            self._open.callback(self._browser.close)
        return self._browser

    def close(self) -> None:
        self._driver = self._browser = None
        self._open.close()


_SHARED = _Shared()


@pytest.hookimpl(trylast=True)  # when fixtures have closed their windows
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or nextitem.path.parent != item.path.parent:
        _SHARED.close()


@pytest.fixture(scope="module")
def driver() -> Playwright:
    return _SHARED.driver()


@pytest.fixture(scope="module")
def browser() -> Browser:
    return _SHARED.browser()


@pytest.fixture
def reader(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make a reader: a fresh browser profile, e.g. `reader(color_scheme='dark')`."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        contexts.append(browser.new_context(**{"viewport": DESKTOP, **options}))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def read(
    reader: Callable[..., BrowserContext], site_url: str, sections: list[str]
) -> Callable[..., Page]:
    """Open a page of the site in a fresh profile: the first section, if not another."""

    def open_page(name: str = sections[0], **options: object) -> Page:
        page = reader(**options).new_page()
        page.goto(f"{site_url}/{name}")
        return page

    return open_page
