"""Whether the search of a site finds the pages that have a word, and only those."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as NotAnswered

from benchmarks.sites.kinds import Kind

SEED = 11
INNER = r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
SCROLL = "box => box.scrollTo(0, box.scrollHeight)"


def draw(texts: dict[str, str], count: int) -> dict[str, list[str]]:
    """Draw words from the texts: Han, names in code, and parts of such names."""
    drawn = random.Random(SEED)
    text = "\n".join(texts[name] for name in sorted(texts))
    runs = re.findall("[\u4e00-\u9fff]{2,}", text)
    pieces = set()
    for run in drawn.choices(runs, weights=list(map(len, runs)), k=20 * count):
        length = min(len(run), drawn.choice((2, 3, 4)))
        begin = drawn.randrange(len(run) - length + 1)
        pieces.add(run[begin : begin + length])
    names = set(re.findall(r"(?<![\w.])[A-Za-z]\w*[_A-Z]\w*", text, re.ASCII))
    parts = {
        part
        for name in names
        for part in re.split(rf"_|{INNER}", name)
        if len(part) > 2 and part.isascii() and part.isalpha() and part != name
    }
    return {
        kind: drawn.sample(sorted(words), min(count, len(words)))
        for kind, words in (("words", pieces), ("names", names), ("parts", parts))
    }


def pages_with(texts: dict[str, str], word: str) -> set[str]:
    """Return the pages whose text has a word, or a name that has it as a part."""
    if not word.isascii():
        return {page for page, text in texts.items() if word in text}
    edge = rf"(?:(?<![A-Za-z0-9])|{INNER})(?i:{re.escape(word)})"
    pattern = re.compile(rf"{edge}(?:(?![A-Za-z0-9])|{INNER})")
    return {page for page, text in texts.items() if pattern.search(text)}


def _found(tab: Page, site: str, kind: Kind, word: str) -> list[str]:
    """Return the addresses that a search answers with, best first."""
    tab.goto(f"{site}/{kind.asked.format(quote(word))}")
    try:
        tab.wait_for_function(kind.answered, timeout=4000)
    except NotAnswered:
        return []
    if kind.scrolled:
        for _ in range(4):
            tab.locator(kind.scrolled).evaluate(SCROLL)
            tab.wait_for_timeout(50)
    links = tab.locator(kind.results)
    return list(links.evaluate_all("all => all.map(one => one.href)"))


def _page_of(site: str, address: str) -> str:
    path = unquote(urlsplit(address).path).lstrip("/")
    return f"{path}index.html" if path.endswith("/") or not path else path


def ask(
    browser: Browser, site: str, kind: Kind, texts: dict[str, str], words: Iterable[str]
) -> dict[str, Any]:
    """Ask for every word; return how much is found, and how much of it is right."""
    wanted = found = right = 0
    missed, wrong = [], []
    tab = browser.new_page()
    for word in words:
        truth = pages_with(texts, word)
        answer = {_page_of(site, one) for one in _found(tab, site, kind, word)}
        answer &= set(texts)
        wanted += len(truth)
        found += len(answer)
        right += len(truth & answer)
        missed += [word] if truth - answer else []
        wrong += [word] if answer - truth else []
    tab.close()
    return {
        "recall": right / max(1, wanted),
        "precision": right / max(1, found),
        "missed": missed[:8],
        "wrong": wrong[:8],
    }


def answers(browser: Browser, site: str, kind: Kind, words: Iterable[str]) -> bool:
    """Whether the search answers at all, at an address where it may not."""
    tab = browser.new_page()
    found = any([_found(tab, site, kind, word) for word in words])
    tab.close()
    return found


def opened_at(
    browser: Browser, site: str, kind: Kind, words: Iterable[str]
) -> dict[str, int]:
    """Follow the first answer for words of one framework; count those then seen."""
    counts = {"asked": 0, "seen": 0}
    for word in words:
        context = browser.new_context()
        tab = context.new_page()
        addresses = _found(tab, site, kind, word)
        counts["asked"] += 1
        if addresses:
            tab.goto(addresses[0])
            tab.wait_for_timeout(700)
            seen = tab.locator(kind.article).first.inner_text()
            counts["seen"] += word.lower() in seen.lower()
        context.close()
    return counts
