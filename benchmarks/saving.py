"""Measure what an author waits for: from a save to the page that shows it.

    python -m benchmarks.saving              a paragraph and a cell, 5 times each
    python -m benchmarks.saving --rounds 9

`bookkit serve` serves a copy of the book with all its frameworks. The time ends when
open pages are told to load again, and the page that is loaded shows the edit.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.books import ROOT, SCENARIOS, Book, Scenario, copy_book

NAMES = {"one paragraph edited": "paragraph", "one cell of one tab edited": "cell"}
LIMIT_S = 900.0


def _seconds(
    book: Book, scenario: Scenario, number: int, url: str, told: ClientConnection
) -> float:
    """Save one edit and wait for its build; return the seconds until it is shown."""
    section = book.sections[scenario.shown_on[0]]
    page = url + Path(section).with_suffix(".html").as_posix()
    began = time.perf_counter()
    shown = scenario.edit(book, number)
    seconds = None
    while True:
        state = json.loads(told.recv(timeout=LIMIT_S))
        if seconds is None:
            with urllib.request.urlopen(page) as answer:
                text = re.sub(r"<[^>]+>", "", answer.read().decode())
            seconds = time.perf_counter() - began if shown in text else None
        if seconds is not None and _has_ended(state):
            return seconds


def _has_ended(state: dict[str, Any]) -> bool:
    """Tell whether no build is under way, and the first is over."""
    return bool(state["build"] and state.get("doing") is None)


def measure(book: Book, rounds: int) -> dict[str, list[float]]:
    """Serve the book, save the edits in turn; return the seconds of each kind."""
    command = [sys.executable, "-m", "bookkit", "serve", "--port", "0"]
    found: dict[str, list[float]] = {}
    with subprocess.Popen(
        command, cwd=book.root, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        try:
            url = re.search(r"http[^\s#]+", server.stdout.readline())
            assert url
            address = url[0].replace("http", "ws") + "_bookkit/live"
            with connect(address, origin=Origin(url[0].rstrip("/"))) as told:
                while not _has_ended(json.loads(told.recv(timeout=LIMIT_S))):
                    pass
                for number in range(1, rounds + 2):
                    for scenario in SCENARIOS:
                        if scenario.name in NAMES:
                            time.sleep(4)  # the next build may get ready
                            took = _seconds(book, scenario, number, url[0], told)
                            found.setdefault(NAMES[scenario.name], []).append(took)
        finally:
            server.terminate()
    return {name: times[1:] for name, times in found.items()}  # the first warms up


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.saving")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bookkit-saving-") as folder:
        book = copy_book(Path(folder) / "book")
        for cached in (ROOT / "_build").glob("cache"):
            (book.root / "_build").mkdir(exist_ok=True)
            (book.root / "_build" / "cache").symlink_to(cached)
        for name, times in measure(book, options.rounds).items():
            each = " ".join(f"{one:.2f}" for one in times)
            print(f"{name:10} median {statistics.median(times):.2f} s   ({each})")


if __name__ == "__main__":
    main()
