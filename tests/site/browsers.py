"""A real Chromium of this machine, and the windows that pages are read in."""

import os
import shutil

import pytest
from playwright.sync_api import Browser, BrowserType, Error

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
