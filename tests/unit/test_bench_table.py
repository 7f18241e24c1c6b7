"""The README's measurements are those that were committed."""

import json
from pathlib import Path

from benchmarks import table

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
CONTENT = json.loads((RESULTS / "bench.json").read_text(encoding="utf-8"))


def test_when_results_are_committed_then_the_readme_shows_them():
    """`python -m benchmarks --table` renews it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert table.with_table(readme, CONTENT) == readme


def test_when_results_are_committed_then_bench_md_shows_them():
    assert (RESULTS / "bench.md").read_text("utf-8") == table.report(CONTENT)


def test_when_a_document_has_no_marks_then_nothing_is_written():
    assert table.with_table("# No table here\n", CONTENT) is None
