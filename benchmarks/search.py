"""Measure the site's search in Chromium, on this book and on one many times as long.

    python -m benchmarks.search                   after `make`
    python -m benchmarks.search --times 10 --rounds 3

The longer book repeats this one with other characters and names in every copy. An
answer is measured as a reader waits for it: found, put on the page, laid out. Beside
it stand the two ways not taken: to find out in the browser which words occur where,
and to look through all texts.
"""

from __future__ import annotations

import argparse
import gzip
import json
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
IN_BROWSER = """text => {
  const began = performance.now();
  const where = new Map();
  let place = 0;
  for (const [, ...rest] of JSON.parse(text).pages) {
    for (let at = 0; at < rest.length; at += 3, place += 1) {
      const texts = [rest[at + 1], ...rest[at + 2].filter(one => one.length)];
      for (const word of new Set(texts.flatMap(bookkitSearch.tokens))) {
        if (where.has(word)) where.get(word).push(place);
        else where.set(word, [place]);
      }
    }
  }
  return performance.now() - began;
}"""
THROUGH_ALL = """([text, questions]) => {
  const texts = JSON.parse(text).pages.map(
    page => page.flat().filter(one => one.length).join("\\n").toLowerCase());
  return questions.map(question => {
    const began = performance.now();
    const words = question.toLowerCase().split(" ");
    const found = texts.filter(text => words.every(word => {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
        if (!/\\w/.test(text.charAt(at - 1))) return true;
      }
      return false;
    }));
    return [performance.now() - began, found.length];
  });
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
    texts = json.dumps(json.loads(content)["pages"], ensure_ascii=False)
    opened = [tab.evaluate(OPEN, content) for _ in range(rounds)]
    first = dict(zip(QUESTIONS, tab.evaluate(ANSWER, QUESTIONS), strict=True))
    answers = [ms for ms, _ in first.values()]
    for _ in range(rounds - 1):
        drawn = random.sample(QUESTIONS, len(QUESTIONS))
        answers += [ms for ms, _ in tab.evaluate(ANSWER, drawn)]
    through = [ms for ms, _ in tab.evaluate(THROUGH_ALL, [content, QUESTIONS])]
    slowest = max(first, key=lambda question: first[question][0])
    return {
        "pages": len(pages),
        "bytes": len(script.encode()),
        "gzip": len(gzip.compress(script.encode(), 9)),
        "texts": len(texts.encode()),
        "opened": statistics.median(opened),
        "answers": sorted(answers),
        "slowest": slowest,
        "in_browser": tab.evaluate(IN_BROWSER, content),
        "through": sorted(through),
    }


def _report(row: dict[str, Any]) -> str:
    count, answers, through = row["pages"], row["answers"], row["through"]
    lines = {
        "index": f"{row['bytes']:,} bytes, gzip {row['gzip']:,}",
        "a page": f"{row['bytes'] / count:,.0f} bytes, gzip {row['gzip'] / count:,.0f}",
        "texts alone": f"{row['texts']:,} bytes",
        "opened": f"{row['opened']:.1f} ms",
        "answers": f"{statistics.median(answers):.1f} ms (median)",
        "95 % of them": f"{answers[int(0.95 * len(answers))]:.1f} ms",
        "slowest": f"{answers[-1]:.1f} ms (at first for {row['slowest']!r})",
        "words found out in the browser": f"{row['in_browser']:.0f} ms, once",
        "all texts looked through": f"{statistics.median(through):.1f} ms (median), "
        f"{through[-1]:.1f} (slowest), to find pages only",
    }
    told = (f"  {name:31} {value}" for name, value in lines.items())
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
    if rows[-1]["answers"][-1] > MOST_MS:
        raise SystemExit(f"error: an answer took more than {MOST_MS} ms")


if __name__ == "__main__":
    main()
