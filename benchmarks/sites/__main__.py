"""Measure sites that were built of one book by different tools, one beside the other.

    python -m benchmarks.sites bookkit=_build/html furo=FOLDER material=FOLDER
    python -m benchmarks.sites material:offline=FOLDER      a second site of a kind
    python -m benchmarks.sites --table                      only write the table again

docs/comparison.md tells how the others are built, and gets the table. No page reaches
another host: what it asks of one counts as a request and not in its weight. What was
measured before is kept for the sites that are not named.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks import chromium
from benchmarks.books import ROOT
from benchmarks.sites import asking, report, visit
from benchmarks.sites.kinds import KINDS, Kind
from benchmarks.sites.others import names_of_one_tab
from bookkit.book.config import load

KEPT = ROOT / "benchmarks" / "results" / "sites.json"
DOCS = ROOT / "docs" / "comparison.md"
#: Blocks stand on lines of their own; what the tool added is left out.
TEXT = """(article, added) => {
  const copy = article.cloneNode(true);
  copy.querySelectorAll(`${added}, script, style, nav`).forEach((one) => one.remove());
  const inline = "a, abbr, b, cite, code, em, i, mark, span, strong, sub, sup";
  for (const one of copy.querySelectorAll("*")) {
    if (one.localName.includes("-") || one.matches(inline)) continue;
    one.before("\\n");
    one.after("\\n");
  }
  return copy.textContent;
}"""
INDEXES = ("searchindex.js", "search/search_index.json")


def _pages(site: Path) -> list[str]:
    """Return the sections; of another book, all pages that are not the tool's own."""
    pages = sorted(site.glob("chapter_computation/**/*.html")) or sorted(
        one
        for one in site.rglob("*.html")
        if not one.name.startswith(("genindex", "py-"))
    )
    names = [str(one.relative_to(site)) for one in pages]
    return [one for one in names if "search" not in one and one != "404.html"]


def _texts(browser: Browser, url: str, pages: list[str], kind: Kind) -> dict[str, str]:
    """Return the texts of the pages as they are without scripts."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    texts = {}
    for page in pages:
        tab.goto(f"{url}/{page}")
        texts[page] = str(tab.locator(kind.article).first.evaluate(TEXT, kind.added))
    context.close()
    return texts


def _search(
    browser: Browser, url: str, site: Path, pages: list[str], kind: Kind
) -> Any:
    texts = _texts(browser, url, pages, kind)
    drawn = asking.draw(texts, 60)
    found: dict[str, Any] = {
        name: asking.ask(browser, url, kind, texts, words)
        for name, words in drawn.items()
    }
    index = next(site / one for one in INDEXES if (site / one).exists())
    found["index"] = index.stat().st_size
    found["index gzip"] = len(gzip.compress(index.read_bytes(), 6))
    names = drawn["names"][:3]
    found["from disk"] = asking.answers(browser, site.as_uri(), kind, names)
    return found


def _measure(browser: Browser, site: Path, kind: Kind) -> dict[str, Any]:
    pages = _pages(site)
    is_our_book = any("model-construction" in page for page in pages)
    sections = [one for one in pages if "/index" not in one or one.count("/") > 1]
    found: dict[str, Any] = {"pages": len(pages)}
    found["disk"] = sum(one.stat().st_size for one in site.rglob("*") if one.is_file())
    with visit.serve(site) as url:
        weights = [visit.weigh(browser, f"{url}/{page}") for page in sections]
        for key in ("html", "bytes", "gzip", "requests", "blocking"):
            found[key] = statistics.median(one[key] for one in weights)
            found[f"most {key}"] = max(one[key] for one in weights)
        found["hosts"] = sorted({host for one in weights for host in one["hosts"]})
        seen = [
            visit.seen_without_scripts(browser, f"{url}/{page}", kind)
            for page in sections
        ]
        found["without scripts"] = sum(a for a, _ in seen) / sum(b for _, b in seen)
        found["axe"] = {
            page: visit.accessibility(browser, f"{url}/{page}") for page in sections
        }
        found["search"] = _search(browser, url, site, pages, kind)
        if is_our_book:
            first, second = (
                next(f"{url}/{one}" for one in pages if name in one)
                for name in ("parameters", "custom-layer")
            )
            found["choice"] = visit.choose(browser, first, second, kind)
            found["opened"] = asking.opened_at(
                browser, url, kind, names_of_one_tab(load(ROOT), 12)
            )
    with visit.serve(site, strict=True) as url:
        found["policy"] = visit.violations(browser, f"{url}/{sections[0]}")
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sites")
    parser.description = __doc__
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sites", nargs="*", metavar="KIND[:NAME]=FOLDER")
    parser.add_argument("--table", action="store_true", help="measure nothing")
    chromium.add_option(parser)
    options = parser.parse_args()
    for one in options.sites:
        name, _, folder = one.partition("=")
        if name.partition(":")[0] not in KINDS:
            parser.error(f"{one}: no kind of site; there are {', '.join(KINDS)}")
        if not (Path(folder) / "index.html").exists():
            parser.error(f"{one}: no index.html in that folder. Build the site first")
    return options


def main() -> None:
    """Measure the sites that are named; keep and print the figures of all."""
    options = _options()
    kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    with sync_playwright() as playwright:
        for one in options.sites:
            name, _, folder = one.partition("=")
            # One for each site: nothing of another is kept or still at work.
            browser = chromium.start(playwright, options.chromium)
            kind = KINDS[name.partition(":")[0]]
            kept.setdefault("sites", {})[name] = _measure(
                browser, Path(folder).resolve(), kind
            )
            kept["chromium"] = browser.version
            kept["date"] = datetime.date.today().isoformat()
            browser.close()
            text = json.dumps(kept, ensure_ascii=False, indent=1)
            KEPT.write_text(f"{text}\n", "utf-8")
            print(f"{name}: measured", flush=True)
    table = report.table(kept)
    head, mark, rest = DOCS.read_text("utf-8").partition(f"{report.MARKS[0]}\n")
    _, end, tail = rest.partition(report.MARKS[1])
    if not (mark and end):
        sys.exit(f"error: {DOCS} has no line `{report.MARKS[0]}` with its end")
    DOCS.write_text(f"{head}{mark}{table}{end}{tail}", "utf-8")
    print(f"\n{table}")


if __name__ == "__main__":
    main()
