"""The built site, served on loopback, and a real Chromium to read it with."""

import contextlib
import functools
import http.server
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Error,
    Playwright,
    sync_playwright,
)
from whole_books import build_whole, write_files

ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
# The same engine without what a window needs: pages load in half the time.
_SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
# A container has no sandbox of its own and little shared memory.
_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


def find_chromium(complete: bool = False) -> str | None:
    """Return a browser of this machine; None asks for playwright's own."""
    named = os.environ.get("BOOKKIT_CHROMIUM")
    if named:
        return named
    names = _NAMES if complete else (*_SHELLS, *_NAMES)
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def site_dir() -> Path:
    folder = Path(os.environ.get("BOOKKIT_SITE_DIR", ROOT / "_build" / "html"))
    if not (folder / "index.html").is_file():
        pytest.fail(f"{folder} has no index.html: the site is not built; run `make`.")
    return folder


@pytest.fixture(scope="session")
def pages(site_dir: Path) -> list[str]:
    """Every page that comes from a source, relative to the site's folder."""
    made_by_sphinx = {"genindex.html", "search.html", "py-modindex.html"}
    found = (path.relative_to(site_dir) for path in site_dir.rglob("*.html"))
    return sorted(
        path.as_posix()
        for path in found
        if path.name not in made_by_sphinx and not path.parts[0].startswith("_")
    )


@pytest.fixture(scope="session")
def sections(site_dir: Path, pages: list[str]) -> list[str]:
    """The pages that have tab groups, at least two of them."""
    found = [
        page
        for page in pages
        if 'class="bk-tabs' in (site_dir / page).read_text(encoding="utf-8")
    ]
    assert len(found) >= 2, f"only {found} have tab groups; the book is incomplete"
    return found


def read_policy() -> str:
    """Return the Content-Security-Policy that we tell people to send."""
    text = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"^Content-Security-Policy: (.+)$", text, re.MULTILINE)
    return str(policy)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Sends every file with the policy: all tests of pages run under it."""

    policy = read_policy()

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test's own report is what counts."""


@contextlib.contextmanager
def serve(handler: Callable[..., Quiet]) -> Iterator[str]:
    """Serve with this handler on loopback; give the address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def site_url(site_dir: Path) -> Iterator[str]:
    with serve(functools.partial(Quiet, directory=str(site_dir))) as address:
        yield address


@pytest.fixture(scope="session")
def whole_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book that is built, with a bit of everything; not to be changed."""
    root = write_files(tmp_path_factory.mktemp("whole"))
    build_whole(root)
    return root


def start_chromium(
    kind: BrowserType,
    *,
    complete: bool = False,
    with_cached_pages: bool = False,
    env: dict[str, str] | None = None,
) -> Browser:
    """Start a browser of this machine.

    A `complete` one draws text as readers see it; only such a one can keep pages for
    the way back (`with_cached_pages`, which playwright switches off).
    """
    complete = complete or with_cached_pages
    path = find_chromium(complete)
    try:
        return kind.launch(
            executable_path=path,
            channel="chromium" if complete and path is None else None,
            args=_ARGUMENTS,
            ignore_default_args=(
                ["--disable-back-forward-cache"] if with_cached_pages else None
            ),
            env=env,
        )
    except Error as error:
        pytest.fail(
            "No Chromium could be started. Install the package `chromium`, or run "
            "`python -m playwright install chromium`, or name a browser in "
            f"BOOKKIT_CHROMIUM.\n{error}"
        )


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    """Return what starts browsers; an event loop runs for as long as one file."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(driver: Playwright) -> Iterator[Browser]:
    chromium = start_chromium(driver.chromium)
    yield chromium
    chromium.close()


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
