"""Measure bookkit against d2lbook and plain nbclient, side by side in one run.

    make bench                                    everything, 3 rounds
    python -m benchmarks --rounds 1               shorter
    python -m benchmarks --only growth --sizes 10 a part; the others stay as kept
    python -m benchmarks --table                  only renew the tables

Read ratios rather than seconds. A command that fails ends the measurement.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import compare, floor, growth, machine, table
from benchmarks.books import ROOT

PARTS = ("compare", "floor", "growth")
RESULTS = ROOT / "benchmarks" / "results"


def _kept() -> dict[str, Any]:
    path = RESULTS / "bench.json"
    kept: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return kept


def _write(content: dict[str, Any], readme: Path) -> None:
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (RESULTS / "bench.json").write_text(f"{text}\n", "utf-8")
    (RESULTS / "bench.md").write_text(table.report(content), "utf-8")
    renewed = table.with_table(readme.read_text("utf-8"), content)
    if renewed is None:
        sys.exit(f"error: {readme} has no line `{table.MARKS[0]}` with its end")
    readme.write_text(renewed, "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, by commas")
    parser.add_argument("--sizes", default=",".join(map(str, growth.SIZES)))
    parser.add_argument("--table", action="store_true", help="measure nothing")
    parser.add_argument("--table-in", type=Path, default=ROOT / "README.md")
    options = parser.parse_args()
    options.parts = [] if options.table else options.only.split(",")
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return options


def main() -> None:
    """Measure what was asked for, keep each part, print the table."""
    options = _options()
    sizes = [int(size) for size in options.sizes.split(",")]
    measures: dict[str, Callable[[Path], dict[str, Any]]] = {
        "compare": lambda scratch: compare.measure(scratch, options.rounds),
        "floor": lambda scratch: floor.measure(scratch, options.rounds),
        "growth": lambda scratch: growth.measure(scratch, sizes),
    }
    for part in options.parts:
        with tempfile.TemporaryDirectory(prefix="bookkit-bench-") as folder:
            measured = measures[part](Path(folder))
        content = {**_kept(), part: measured}
        content["machine"] = machine.describe()
        content["date"] = datetime.date.today().isoformat()
        _write(content, options.table_in)
    if options.table:
        _write(_kept(), options.table_in)
    print(f"\n{table.report(_kept())}")


if __name__ == "__main__":
    main()
