"""Measure prefork against spawned kernels on this book, turn by turn in one run.

    python benchmarks/prefork.py

Each round runs every notebook both ways, imports included, nothing kept. The
machine's load hits both sides alike, so the ratio is what to read.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bookkit import workflow
from bookkit.book.config import Config, load
from bookkit.book.source import read_book
from bookkit.run.execute import Run
from bookkit.run.options import Options
from bookkit.run.plan import Job, plan

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3


def measure(book: Config, jobs: list[Job], prefork: bool) -> float:
    """Return the seconds that all notebooks take one way."""
    began = time.perf_counter()
    results = Run(book, jobs, Options(prefork=prefork, again=True)).finish()
    failed = [f"{r.section} [{r.tab}]" for r in results if not r.passed]
    if failed:
        sys.exit(f"error: these failed, nothing was measured: {', '.join(failed)}")
    return time.perf_counter() - began


def main() -> None:
    """Measure, print a table, keep it as JSON."""
    with tempfile.TemporaryDirectory() as elsewhere:  # the book's own results stay
        _compare(replace(load(ROOT), output=Path(elsewhere)))


def _compare(book: Config) -> None:
    seconds: dict[str, list[float]] = {"prefork": [], "spawned": []}
    with workflow.locked(book):
        jobs = plan(book, read_book(book))
        for turn in range(ROUNDS):
            seconds["prefork"].append(measure(book, jobs, True))
            seconds["spawned"].append(measure(book, jobs, False))
            now = ", ".join(
                f"{way} {times[-1]:.1f} s" for way, times in seconds.items()
            )
            print(f"round {turn + 1} of {ROUNDS}: {now}", flush=True)
    medians = {way: statistics.median(times) for way, times in seconds.items()}
    ratio = medians["spawned"] / medians["prefork"]
    print(f"\n{len(jobs)} notebooks, {os.cpu_count()} cores, median of {ROUNDS}")
    for way, median in medians.items():
        print(f"  {way:8} {median:6.1f} s")
    print(f"  ratio    {ratio:6.2f}")
    content = {
        "notebooks": len(jobs),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "seconds": seconds,
        "median": medians,
        "ratio": ratio,
    }
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    (folder / "prefork.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
