"""Make small wrong changes of the text and tell which of them nothing sees.

    make mutants N=200 SEED=1 [KIND="in prose"]

Of each kind of change as many are made as of any other. A mutant that nothing sees is
shown with its place and lines: either a claim is missing, or the change is none.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_TESTS = ("", "claims", "exercises", "mutants", "notebooks", "parity")
sys.path[:0] = [str(ROOT / "tests" / name) for name in _TESTS]


def main() -> int:
    """Make the mutants; 1: some survive."""
    from conftest import pytest_configure, selected_tabs, unavailable_tabs
    from operators import sample
    from oracles import Book

    from bookkit.kernels import prefork

    pytest_configure()
    tabs = [tab for tab in selected_tabs() if tab not in unavailable_tabs()]
    number, seed = int(os.environ.get("N") or 200), int(os.environ.get("SEED") or 0)
    folder = tempfile.TemporaryDirectory(prefix="mutants-")
    book = Book(Path(folder.name), tabs)
    kind = os.environ.get("KIND") or ""
    known = [one for one in book.mutants() if re.search(kind, one.operator)]
    chosen = sample(known, number, seed)
    made, seen, survivors = Counter(), Counter(), []
    try:
        for count, one in enumerate(chosen, 1):
            begun = time.monotonic()
            by = book.seen_by(one)
            made[one.operator] += 1
            seen[one.operator] += bool(by)
            told = one.told(book.texts[one.path])
            head = told if not by else told.split("\n", 1)[0]
            seconds = time.monotonic() - begun
            print(
                f"{count}/{number} {by or 'NOT SEEN'}, {seconds:.1f} s: {head}",
                flush=True,
            )
            survivors += [] if by else [told]
    finally:
        prefork.stop_all()
        folder.cleanup()
    for operator in made:
        print(f"{operator:22} {seen[operator]:4} of {made[operator]:4} seen")
    total, found = sum(made.values()), sum(seen.values())
    share = found / max(total, 1)
    print(f"{'all':22} {found:4} of {total:4} seen, {share:.1%} (SEED={seed})")
    print("\n\n".join(["", *survivors]))
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
