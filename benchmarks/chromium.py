"""The browser that sites are measured in."""

from __future__ import annotations

import argparse
import shutil

from playwright.sync_api import Browser, Playwright

# A container has no sandbox of its own and little shared memory.
_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let the caller name a browser; without one, this machine's or playwright's."""
    parser.add_argument("--chromium", default=shutil.which("chromium"))


def start(playwright: Playwright, path: str | None) -> Browser:
    """Start the browser at a path, or playwright's own."""
    return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
