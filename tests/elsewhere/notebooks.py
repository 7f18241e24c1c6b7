"""Run the published notebooks with other versions, as Colab and readers have them.

    $ make html && python -m tests.elsewhere.notebooks                 # many GB
    $ python -m tests.elsewhere.notebooks paddle                       # some rows

Each row gets an environment from uv with those versions and neither d2l nor bookkit,
and runs each notebook of its framework in an empty folder. What a machine lacks, a
Python or wheels, is said and skipped.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.elsewhere.library import NO_WHEELS, find_uv, run

ROOT = Path(__file__).resolve().parents[2]
COLAB = "numpy==2.1.3 ipykernel==6.17.1 ipython==7.34.0"
#: Framework, Python, what is installed.
ROWS = (
    ("pytorch", "3.13", f"torch==2.11.0 {COLAB}"),
    ("tensorflow", "3.13", f"tensorflow==2.20.0 keras==3.13.2 {COLAB}"),
    ("pytorch", "3.13", "torch==2.15.0 numpy"),
    ("pytorch", "3.9", "torch==2.6.0 numpy==1.26.4"),
    ("tensorflow", "3.13", "tensorflow==2.21.0"),
    ("tensorflow", "3.12", "tensorflow==2.16.2"),
    ("paddle", "3.13", "paddlepaddle==3.3.1 setuptools"),
    ("mxnet", "3.10", "mxnet==1.9.1 numpy==1.23.5"),
)
RUNNER = """
import sys, tempfile, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    folder = {"metadata": {"path": tempfile.mkdtemp()}}
    try:
        NotebookClient(notebook, timeout=300, resources=folder).execute()
        print("passed", path)
    except Exception as error:
        print("FAILED", path, str(error)[-1500:])
"""


def try_row(uv: str, tab: str, python: str, wanted: str) -> str:
    """Return what came of one row: it begins with passed, skipped or FAILED."""
    if run(uv, "python", "find", "--no-project", python).returncode:
        return f"skipped: no Python {python} here"
    notebooks = sorted((ROOT / "_build" / "notebooks" / tab).rglob("*.ipynb"))
    notebooks = [path for path in notebooks if "chapter_computation" in path.parts]
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder, "bin", "python")
        run(uv, "venv", "-q", "--no-project", "--python", python, folder)
        asked = [*wanted.split(), "ipykernel", "nbclient", "nbformat"]
        install = [uv, "pip", "install", "-q", "--only-binary", ":all:"]
        done = run(*install, "--python", here, *asked)
        if done.returncode:
            lacks = NO_WHEELS in " ".join(done.stderr.split())
            return "skipped: no wheels" if lacks else f"FAILED\n{done.stderr}"
        told = run(here, "-c", RUNNER, *notebooks).stdout
    passed = told.count("passed ")
    state = "passed" if passed == len(notebooks) > 0 else "FAILED"
    failures = "\n".join(row for row in told.split("passed ") if "FAILED" in row)
    return f"{state}: {passed} of {len(notebooks)} {failures}".strip()


def main(words: Sequence[str]) -> int:
    """Try the rows that have all these words; return 1 unless some pass, none fail."""
    uv, results = find_uv(), []
    for tab, python, wanted in ROWS:
        if set(words) <= {tab, python, *wanted.split()}:
            results.append(try_row(uv, tab, python, wanted))
            print(f"{tab:10} {python:4} {wanted}\n  {results[-1]}", flush=True)
    failed = any(one.startswith("FAILED") for one in results)
    return int(failed or not any(one.startswith("passed") for one in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
