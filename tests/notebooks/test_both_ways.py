"""What a notebook shows does not depend on when, where or how it is run."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from bookkit.book.config import Config
from bookkit.book.source import NBVAL_IGNORE_TAG

Notebooks = Mapping[str, Mapping[PurePosixPath, Any]]
HERE = Path(__file__).parent
RUN_TIMEOUT_S = 900
#: A network namespace of one's own: no way out, and nobody's permission needed.
NO_NETWORK = ["unshare", "--map-root-user", "--net"]
#: What Jupyter and IPython keep for themselves.
TOOLS = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")
#: What Keras and matplotlib make when they are imported, and Paddle when it is imported
#: or translates a network into a graph; no cell has a say in these places.
LEFT_BY_FRAMEWORKS = re.compile(
    r"home/(\.config(/matplotlib)?|\.keras(/keras\.json)?|\.cache"
    r"(/matplotlib(/fontlist.*)?|/paddle(/(dataset|to_static_tmp).*)?)?)"
)


@dataclass(frozen=True)
class Fresh:
    """A run of the whole book without the cache, kernels spawned; see `folder`."""

    folder: Path
    offline: bool
    home: Path
    scratch: Path
    results: list[dict[str, Any]]


@pytest.fixture(scope="module")
def fresh(book: Config, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Run every notebook with an empty home and, where it can be, no network."""
    base = tmp_path_factory.mktemp("fresh")
    home, scratch, tools = base / "home", base / "scratch", base / "tools"
    for folder in (home, scratch, tools):
        folder.mkdir()
    offline = _works([*NO_NETWORK, "true"])
    tabs = ",".join(tab.name for tab in book.tabs)
    command = [sys.executable, HERE / "run_afresh.py", tabs, base / "notebooks"]
    done = subprocess.run(
        [*(NO_NETWORK if offline else []), *map(str, command)],
        env={
            **os.environ,
            **dict.fromkeys(TOOLS, str(tools)),
            "HOME": str(home),
            "TMPDIR": str(scratch),
        },
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((base / "notebooks" / "results.json").read_text("utf-8"))
    return Fresh(base / "notebooks", offline, home, scratch, results)


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }


def test_when_kernels_are_spawned_then_notebooks_are_the_same(book, fresh, notebooks):
    """No field is excepted but measured times; a path or a random id would show.

    `make` forks kernels; the fresh run has spawned them.
    """
    first, second = {}, _files(fresh.folder)
    for tab in notebooks:
        built = _files(book.output / "notebooks" / tab)
        first |= {f"{tab}/{name}": content for name, content in built.items()}
    assert first.keys() == second.keys()
    different = [
        name for name in first if _compared(first[name]) != _compared(second[name])
    ]
    assert different == []


def _compared(content: bytes) -> Any:
    """Return a notebook without what its cells measured."""
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if NBVAL_IGNORE_TAG in cell["metadata"].get("tags", []):
            del cell["outputs"]
    return notebook


def test_when_there_is_no_network_then_every_notebook_runs(fresh):
    if not fresh.offline:
        pytest.skip("this machine gives out no network namespaces")
    failed = [one for one in fresh.results if one["status"] != "passed"]
    assert failed == []
    assert fresh.results


def test_when_every_notebook_ran_then_nothing_was_written_outside_its_folder(fresh):
    assert fresh.results
    found = {
        path.relative_to(fresh.home.parent).as_posix()
        for folder in (fresh.home, fresh.scratch)
        for path in folder.rglob("*")
    }
    assert [path for path in found if not LEFT_BY_FRAMEWORKS.fullmatch(path)] == []
