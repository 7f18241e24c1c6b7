"""Measure the site's search in Chromium, on this book and on one many times as long.

    python -m benchmarks.search                   after `make`
    python -m benchmarks.search --times 10 --rounds 3

The longer book repeats this one with other characters and names in every copy. An
answer is measured as a reader waits for it: found, put on the page, laid out. Of all
rounds the fastest counts, as other programs may run beside it.
"""

from __future__ import annotations

import argparse
import gzip
import math
import random
import re
import statistics
import zlib
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page as Tab
from playwright.sync_api import sync_playwright

from benchmarks import chromium
from benchmarks.books import ROOT
from bookkit.book.config import load
from bookkit.site.extension.search.index import Page, script_of
from bookkit.site.extension.search.kept import KeptPlaces

SITE = ROOT / "_build" / "html"
KEPT = ROOT / "_build" / "doctrees"
MOST_MS = 50
QUESTIONS = (
    "参数", "层", "的", "初始化", "延后初始化", "自定义层", "模型参数", "前向传播",
    "GPU", "net", "x", "nn", "nn.Module", "try_gpu 函数", "nn.Sequential 顺序",
    "state_dict", "init", "Seq", "def", "self", "0.5", "torch.nn.Linear",
    "怎样初始化模型的参数呢", "没有任何一页会有的一句话", "try_gpuu", "paramters",
    "张量 设备 复制", "self.net", "a b c d e f g h", "一 不 了 是 的 在",
    "怎样才能把一个很大的模型里的所有参数从一台设备搬到另外一台设备上去呢",
)  # fmt: skip
ANSWER = """questions => questions.map(question => {
  const [form, input] = ["search-form", "search-question"].map(
    id => document.getElementById(id));
  input.value = question;
  const began = performance.now();
  form.requestSubmit();
  const laidOut = document.body.offsetHeight;
  return [performance.now() - began, laidOut];
})"""
OPEN = """text => {
  const began = performance.now();
  bookkitSearch.load(text);
  return performance.now() - began;
}"""


def _pages(times: int) -> list[Page]:
    kept = KeptPlaces(KEPT)
    names = [name for name in kept if kept[name]]
    return [
        (f"copy-{copy}/{name}.html", _varied(kept[name], copy, times))
        for copy in range(times)
        for name in names
    ]


def _varied(places: Any, copy: int, times: int) -> Any:
    """Change one in `times` of the characters and names, others in every copy."""

    def other(match: re.Match[str]) -> str:
        word = match[0]
        if not copy or zlib.crc32(word.encode()) % times != copy:
            return word
        return (
            chr(ord(word) + copy) if len(word) == 1 and word > "z" else word + str(copy)
        )

    def varied(text: str) -> str:
        return re.sub(r"[\u4e00-\u9f00]|[A-Za-z]+", other, text)

    return [
        (
            anchor,
            varied(heading),
            [(tabs, kind, varied(text)) for tabs, kind, text in all_],
        )
        for anchor, heading, all_ in places
    ]


def _content(script: str) -> str:
    """Return the JSON that the script holds."""
    literal = script[len("bookkitSearch.load('") : -len("');\n")]
    return re.sub(r"\\(.)", r"\1", literal)


def _measured(tab: Tab, times: int, rounds: int) -> dict[str, Any]:
    titles = {one.name: one.title for one in load(ROOT).all_tabs}
    pages = _pages(times)
    script = script_of(pages, titles)
    content = _content(script)
    opened = [tab.evaluate(OPEN, content) for _ in range(rounds)]
    answers = dict.fromkeys(QUESTIONS, math.inf)
    for _ in range(rounds):
        drawn = random.sample(QUESTIONS, len(QUESTIONS))
        for question, (ms, _) in zip(drawn, tab.evaluate(ANSWER, drawn), strict=True):
            answers[question] = min(ms, answers[question])
    return {
        "pages": len(pages),
        "bytes": len(script.encode()),
        "gzip": len(gzip.compress(script.encode(), 9)),
        "opened": min(opened),
        "answers": answers,
    }


def _report(row: dict[str, Any]) -> str:
    count, answers = row["pages"], row["answers"]
    slowest = max(answers, key=answers.__getitem__)
    lines = {
        "index": f"{row['bytes']:,} bytes, gzip {row['gzip']:,}",
        "a page": f"{row['bytes'] / count:,.0f} bytes, gzip {row['gzip'] / count:,.0f}",
        "opened": f"{row['opened']:.1f} ms",
        "answers": f"{statistics.median(answers.values()):.1f} ms (median)",
        "slowest": f"{answers[slowest]:.1f} ms (for {slowest!r})",
    }
    told = (f"  {name:8} {value}" for name, value in lines.items())
    return "\n".join((f"{count} pages", *told))


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print, and end with an error where an answer takes too long."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.search", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--times", type=int, default=50, help="how many times as long")
    parser.add_argument("--rounds", type=int, default=3)
    chromium.add_option(parser)
    options = parser.parse_args(words)
    with sync_playwright() as playwright:
        browser = chromium.start(playwright, options.chromium)
        tab = browser.new_page()
        tab.goto((SITE / "search.html").as_uri())
        rows = [_measured(tab, times, options.rounds) for times in (1, options.times)]
        version = browser.version
        browser.close()
    print(f"Chromium {version}\n" + "\n".join(map(_report, rows)))
    if max(rows[-1]["answers"].values()) > MOST_MS:
        raise SystemExit(f"error: an answer took more than {MOST_MS} ms")


if __name__ == "__main__":
    main()
