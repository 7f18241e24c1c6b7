"""Run the notebooks that readers take along with other versions, and what Colab opens.

    $ make html && python -m tests.elsewhere.notebooks                 # many GB
    $ python -m tests.elsewhere.notebooks paddle published             # some rows

Each row gets an environment from uv with what a notebook tells its reader to install,
in those versions, and neither d2l nor bookkit. Each notebook of the site's downloads is
run there, alone in an empty folder. A row of Colab's runs what `publish-notebooks`
writes instead, and its environment has what Colab has and no more: what is missing, the
first cell of the notebook installs by pip. What a machine lacks, a Python or wheels, is
said and skipped.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bookkit.book.config import load
from bookkit.workflow import publish_notebooks
from tests.elsewhere.library import NO_WHEELS, find_uv, run

ROOT = Path(__file__).resolve().parents[2]
#: What Colab's image had on 2026-08-19 (github.com/googlecolab/backend-info).
COLAB = "numpy==2.1.3 matplotlib==3.10.0 ipykernel==6.17.1 ipython==7.34.0"


class Row(NamedTuple):
    """A framework with a Python and versions; `published` is for what Colab opens."""

    tab: str
    python: str
    versions: str
    published: bool = False


ROWS = (
    Row("pytorch", "3.13", f"torch==2.11.0 {COLAB}", True),
    Row("tensorflow", "3.13", f"tensorflow==2.20.0 keras==3.13.2 {COLAB}", True),
    Row("paddle", "3.13", COLAB, True),
    Row("pytorch", "3.13", "torch==2.15.0"),
    Row("pytorch", "3.9", "torch==2.6.0 numpy==1.26.4"),
    Row("tensorflow", "3.13", "tensorflow==2.21.0"),
    Row("tensorflow", "3.12", "tensorflow==2.16.2"),
    Row("paddle", "3.13", "paddlepaddle==3.3.1"),
    Row("mxnet", "3.10", "mxnet==1.9.1 numpy==1.23.5"),
)
#: What readers get: a notebook, or an archive with its files.
KINDS = (".ipynb", ".zip")
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


def publish(tab: str, folder: Path) -> None:
    """Fill a repository of a tab's own, as `make publish-notebooks` does."""
    book = load(ROOT)
    names = {name: f"owner/{name}" for name in book.tab_names}
    folder.mkdir()
    remote = f"https://github.com/{names[tab]}"
    branch = book.colab.branch
    for words in (["init", "-q", "-b", branch], ["remote", "add", "origin", remote]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    colab = replace(book.colab, repositories=names)
    publish_notebooks(replace(book, colab=colab), folder, commit=False)


def problems(path: Path) -> list[str]:
    """Return what Colab would not show, or not know, of a notebook."""
    notebook = json.loads(path.read_text("utf-8"))
    known, text = (
        notebook["metadata"],
        "".join(
            "".join(cell["source"])
            for cell in notebook["cells"]
            if cell["cell_type"] == "markdown"
        ),
    )
    shown = [
        output.get("data", {})
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
    ]
    wrong = {
        "a drawing that is SVG alone": "image/svg+xml;base64" in text or "<svg" in text,
        "a picture of a file": bool(re.search(r"!\[[^]]*\]\((?!data:|https?:)", text)),
        "a plot that is SVG alone": any(
            "image/svg+xml" in data and "image/png" not in data for data in shown
        ),
        "no file extension": known["language_info"].get("file_extension") != ".py",
        "another kernel": known["kernelspec"]["name"] != "python3",
    }
    return [name for name, found in wrong.items() if found]


def try_row(uv: str, row: Row, folder: Path) -> str:
    """Return what came of one row: it begins with passed, skipped or FAILED."""
    tab, python, versions, _ = row
    if run(uv, "python", "find", "--no-project", python).returncode:
        return f"skipped: no Python {python} here"
    if row.published:
        publish(tab, folder)
    else:
        folder = ROOT / "_build" / "html" / "_notebooks" / tab
    taken = [one for one in sorted(folder.rglob("*.*")) if one.suffix in KINDS]
    wrong = [
        f"{one.name}: {what}"
        for one in taken
        if one.suffix == ".ipynb"
        for what in problems(one)
    ]
    with tempfile.TemporaryDirectory() as place:
        here = Path(place, "bin", "python")
        # With pip, which Colab has
        run(uv, "venv", "-q", "--seed", "--no-project", "--python", python, place)
        told_to = () if row.published else load(ROOT).tab(tab).install
        asked = [*told_to, *versions.split()]
        install = [uv, "pip", "install", "-q", "--only-binary", ":all:"]
        install += ["--python", str(here), *asked, "ipykernel", "nbclient", "nbformat"]
        done = run(*install)
        if done.returncode:
            lacks = NO_WHEELS in " ".join(done.stderr.split())
            return "skipped: no wheels" if lacks else f"FAILED\n{done.stderr}"
        told = run(here, "-c", RUNNER, *taken)
    found = dict(json.loads(line) for line in told.stdout.splitlines())
    failures = wrong + [
        f"{Path(one).relative_to(folder)}: {found.get(str(one), 'not run')}"
        for one in taken
        if found.get(str(one), "not run")
    ]
    good = sum(found.get(str(one)) == "" for one in taken)
    passed = f"{good} of {len(taken)}"
    if not taken or failures:
        return "\n".join([f"FAILED: {passed}", *failures, told.stderr[-1500:]])
    return f"passed: {passed}"


def main(words: Sequence[str]) -> int:
    """Try the rows that have all these words; return 1 unless some pass, none fail."""
    uv, results = find_uv(), []
    for row in ROWS:
        tab, python, versions, published = row
        kind = "published" if published else "download"
        if set(words) <= {tab, python, kind, *versions.split()}:
            begun = time.monotonic()
            with tempfile.TemporaryDirectory() as place:
                results.append(try_row(uv, row, Path(place, "copy")))
            took = time.monotonic() - begun
            print(f"{tab:10} {python:4} {took:5.0f} s  {kind} {versions}")
            print(f"  {results[-1]}")
            sys.stdout.flush()
    failed = any(one.startswith("FAILED") for one in results)
    return int(failed or not any(one.startswith("passed") for one in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
