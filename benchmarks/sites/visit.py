"""What a reader meets on the pages of a site: weight, hosts, tabs, accessibility."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import Browser, Locator, Page, Request, ViewportSize

from benchmarks.books import ROOT
from benchmarks.sites.kinds import Kind

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
BLOCKING = """() => performance.getEntriesByType("resource").filter((file) =>
  file.renderBlockingStatus === "blocking" && file.initiatorType === "script").length"""
LOAD_ALL = """() => Promise.allSettled([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode();
}))"""
#: Listings and paragraphs that a reader without scripts sees, of all.
SEEN = """([article, added]) => {
  const all = [...document.querySelectorAll(`${article} pre, ${article} p`)]
    .filter((one) => !one.closest(added));
  const isSeen = (one) => one.closest("details") || one.checkVisibility();
  return [all.filter(isSeen).length, all.length];
}"""
RUN_AXE = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
  const found = await axe.run({ runOnly: { type: "tag", values: tags } });
  return found.violations.map(({ id, nodes }) => [id, nodes.length]);
}"""
BROKEN = """
window.broken = 0;
addEventListener("securitypolicyviolation", () => { broken += 1; });
"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Strict(_Handler):
    """Sends the policy that we tell people to send."""

    policy = re.findall(
        r"^Content-Security-Policy: (.+)$",
        (ROOT / "docs" / "hosting.md").read_text("utf-8"),
        re.MULTILINE,
    )[0]

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


@contextlib.contextmanager
def serve(site: Path, strict: bool = False) -> Iterator[str]:
    """Serve a site on loopback; give the address."""
    handler = partial(_Strict if strict else _Handler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _own(url: str) -> bool:
    return urlsplit(url).hostname == "127.0.0.1"


def weigh(browser: Browser, address: str) -> dict[str, Any]:
    """Return what one page asks for with nothing kept: bytes, requests, hosts."""
    context = browser.new_context(viewport=DESKTOP)
    asked: list[Request] = []
    context.on("request", lambda request: asked.append(request))
    page = context.new_page()
    page.goto(address, wait_until="load")
    page.evaluate(LOAD_ALL)
    page.wait_for_timeout(500)
    answers = [one.response() for one in asked if _own(one.url)]
    bodies = [answer.body() for answer in answers if answer]
    found = {
        "html": len(bodies[0]),
        "bytes": sum(map(len, bodies)),
        "gzip": sum(min(len(one), len(gzip.compress(one, 6))) for one in bodies),
        "requests": len([one for one in asked if not one.url.startswith("data:")]),
        "hosts": sorted(
            {str(urlsplit(one.url).hostname) for one in asked if not _own(one.url)}
            - {"None"}
        ),
        "blocking": page.evaluate(BLOCKING),
    }
    context.close()
    return found


def seen_without_scripts(browser: Browser, address: str, kind: Kind) -> list[int]:
    """Return how many listings and paragraphs are seen without scripts, of how many."""
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    page = context.new_page()
    page.goto(address)
    counts: list[int] = page.evaluate(SEEN, [kind.article, kind.added])
    context.close()
    return counts


def accessibility(browser: Browser, address: str) -> dict[str, dict[str, int]]:
    """Return what axe finds (WCAG 2.1 A and AA) in both schemes: rule, places."""
    found = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport=DESKTOP, color_scheme=scheme)
        page = context.new_page()
        page.goto(address, wait_until="load")
        page.wait_for_timeout(300)
        page.evaluate(AXE)
        found[scheme] = dict(page.evaluate(RUN_AXE))
        context.close()
    return found


def violations(browser: Browser, address: str) -> int:
    """Return how often a page breaks a strict policy while it is loaded."""
    page = browser.new_page()
    page.add_init_script(BROKEN)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(300)
    count: int = page.evaluate("broken")
    page.close()
    return count


def _middle(page: Page, kind: Kind, name: str) -> Locator:
    tabs = page.locator(kind.tabs).filter(has_text=name).and_(page.locator(":visible"))
    return tabs.nth(tabs.count() // 2)


def _shows(page: Page, kind: Kind, word: str) -> bool:
    """Whether the first listing that a reader sees has the word."""
    listings = page.locator(f"{kind.article} pre").and_(page.locator(":visible"))
    return word in listings.first.inner_text()


def choose(browser: Browser, first: str, second: str, kind: Kind) -> dict[str, Any]:
    """Choose the last framework amid a page; see what moves and what follows."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.goto(first, wait_until="load")
    page.wait_for_timeout(500)
    tab = _middle(page, kind, "addle")
    tab.evaluate("tab => tab.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_timeout(300)
    before = tab.evaluate("tab => tab.getBoundingClientRect().top")
    tab.evaluate("tab => tab.click()")
    page.wait_for_timeout(700)
    after = tab.evaluate("tab => tab.getBoundingClientRect().top")
    found: dict[str, Any] = {"moved": abs(round(after - before))}
    found["page follows"] = _shows(page, kind, "paddle")
    page.goto(second, wait_until="load")
    page.wait_for_timeout(700)
    found["other page follows"] = _shows(page, kind, "paddle")
    context.close()
    return found
