"""Run the notebooks that readers take along with other versions, as Colab has them.

    $ make html && python -m tests.elsewhere.notebooks                 # many GB
    $ python -m tests.elsewhere.notebooks paddle                       # some rows

Each row gets an environment from uv with what a notebook tells its reader to install,
in those versions, and neither d2l nor bookkit. Each notebook of the site's downloads is
run there, alone in an empty folder. What a machine lacks, a Python or wheels, is said
and skipped.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bookkit.book.config import load
from tests.elsewhere.library import NO_WHEELS, find_uv, run

ROOT = Path(__file__).resolve().parents[2]
#: What Colab's image had on 2026-08-19 (github.com/googlecolab/backend-info).
COLAB = "numpy==2.1.3 matplotlib==3.10.0 ipykernel==6.17.1 ipython==7.34.0"
#: Framework, Python, versions.
ROWS = (
    ("pytorch", "3.13", f"torch==2.11.0 {COLAB}"),
    ("tensorflow", "3.13", f"tensorflow==2.20.0 keras==3.13.2 {COLAB}"),
    ("pytorch", "3.13", "torch==2.15.0"),
    ("pytorch", "3.9", "torch==2.6.0 numpy==1.26.4"),
    ("tensorflow", "3.13", "tensorflow==2.21.0"),
    ("tensorflow", "3.12", "tensorflow==2.16.2"),
    ("paddle", "3.13", "paddlepaddle==3.3.1"),
    ("mxnet", "3.10", "mxnet==1.9.1 numpy==1.23.5"),
)
RUNNER = """
import importlib.util, json, pathlib, sys, tempfile, zipfile
import nbformat
from nbclient import NotebookClient
assert not importlib.util.find_spec("d2l"), "d2l is installed here"
for taken in sys.argv[1:]:
    folder = pathlib.Path(tempfile.mkdtemp())
    path = taken
    if taken.endswith(".zip"):
        zipfile.ZipFile(taken).extractall(folder)
        (path,) = folder.glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    place = {"metadata": {"path": str(folder)}}
    error = ""
    try:
        NotebookClient(notebook, timeout=300, resources=place).execute()
    except Exception as raised:
        error = str(raised)[-1500:]
    print(json.dumps([taken, error]), flush=True)
"""


def try_row(uv: str, tab: str, python: str, versions: str) -> str:
    """Return what came of one row: it begins with passed, skipped or FAILED."""
    if run(uv, "python", "find", "--no-project", python).returncode:
        return f"skipped: no Python {python} here"
    folder = ROOT / "_build" / "html" / "_notebooks" / tab
    taken = [one for one in sorted(folder.rglob("*")) if one.is_file()]
    with tempfile.TemporaryDirectory() as place:
        here = Path(place, "bin", "python")
        run(uv, "venv", "-q", "--no-project", "--python", python, place)
        asked = [*load(ROOT).tab(tab).install, *versions.split()]
        install = [uv, "pip", "install", "-q", "--only-binary", ":all:"]
        install += ["--python", str(here), *asked, "ipykernel", "nbclient", "nbformat"]
        done = run(*install)
        if done.returncode:
            lacks = NO_WHEELS in " ".join(done.stderr.split())
            return "skipped: no wheels" if lacks else f"FAILED\n{done.stderr}"
        told = run(here, "-c", RUNNER, *taken)
    found = dict(json.loads(line) for line in told.stdout.splitlines())
    failures = [
        f"{Path(one).relative_to(folder)}: {found.get(str(one), 'not run')}"
        for one in taken
        if found.get(str(one), "not run")
    ]
    passed = f"{len(taken) - len(failures)} of {len(taken)}"
    if not taken or failures:
        return "\n".join([f"FAILED: {passed}", *failures, told.stderr[-1500:]])
    return f"passed: {passed}"


def main(words: Sequence[str]) -> int:
    """Try the rows that have all these words; return 1 unless some pass, none fail."""
    uv, results = find_uv(), []
    for tab, python, versions in ROWS:
        if set(words) <= {tab, python, *versions.split()}:
            begun = time.monotonic()
            results.append(try_row(uv, tab, python, versions))
            took = time.monotonic() - begun
            print(f"{tab:10} {python:4} {took:5.0f} s  {versions}\n  {results[-1]}")
            sys.stdout.flush()
    failed = any(one.startswith("FAILED") for one in results)
    return int(failed or not any(one.startswith("passed") for one in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
