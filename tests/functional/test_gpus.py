"""Who gets which GPU, on a machine that reports two (it need not have them)."""

import json
import os

from faulty_books import Book

SHOW = "import os\nos.environ['CUDA_VISIBLE_DEVICES']"


def test_when_a_notebook_wants_gpus_then_it_gets_them_and_others_see_none(tmp_path):
    tool = tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'Fake A'\necho 'Fake B'\n")
    tool.chmod(0o755)
    cells = {"none": SHOW, "one": f"{SHOW}  # gpu(0)", "two": f"{SHOW}  # gpu(1)"}
    book = Book(tmp_path / "book", cells)
    book.passes("run", PATH=f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    seen = {}
    for path in book.root.glob("_build/cache/*/*.json"):
        result = json.loads(path.read_text())["result"]
        shown = result["cells"][0]["outputs"][0]["data"]["text/plain"]
        seen[result["section"]] = (shown, result["device"])
    assert seen["none.md"] == ("''", "cpu")
    assert seen["one.md"] in [("'0'", "Fake A"), ("'1'", "Fake A")]
    assert seen["two.md"] in [("'0,1'", "Fake A, Fake B"), ("'1,0'", "Fake A, Fake B")]
