"""Who gets which GPU, on a machine that reports two (it need not have them)."""

from __future__ import annotations

import json
import os
from pathlib import Path

from faulty_books import Book

SHOW = "import os\nos.environ['CUDA_VISIBLE_DEVICES']"


def test_when_a_notebook_wants_gpus_then_it_gets_them_and_others_see_none(
    tmp_path: Path,
) -> None:
    tool = tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'Fake A'\necho 'Fake B'\n")
    tool.chmod(0o755)
    book = Book(
        tmp_path / "book",
        {"none": SHOW, "one": f"{SHOW}  # gpu(0)", "two": f"{SHOW}  # gpu(1)"},
    )
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    status, output = book.bookkit("run", PATH=path)
    assert status == 0, output
    entries = [
        json.loads(entry.read_text())["result"]
        for entry in (tmp_path / "book").glob("_build/cache/*/*.json")
    ]
    seen = {
        entry["section"]: (
            entry["cells"][0]["outputs"][0]["data"]["text/plain"],
            entry["device"],
        )
        for entry in entries
    }
    assert seen["none.md"] == ("''", "cpu")
    assert seen["one.md"][0] in ("'0'", "'1'") and seen["one.md"][1] == "Fake A"
    assert seen["two.md"] == ("'0,1'", "Fake A, Fake B") or seen["two.md"] == (
        "'1,0'",
        "Fake A, Fake B",
    )
