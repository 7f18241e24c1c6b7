"""The notebooks a learner gets, written by the command that `make notebooks` runs."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import nbformat
import pytest

from bookkit.book.config import Config

Notebooks = Mapping[str, Mapping[PurePosixPath, Any]]

#: A first run of every section in every framework, on a slow machine.
BUILD_TIMEOUT_S = 1200


@pytest.fixture(scope="session")
def notebooks(book: Config) -> Notebooks:
    """Return tab -> path in the tab's folder -> notebook; what is cached is not run."""
    tabs = ",".join(tab.name for tab in book.tabs)
    done = subprocess.run(
        [sys.executable, "-m", "bookkit", "--tabs", tabs, "notebooks"],
        cwd=book.root,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
    )
    assert done.returncode == 0, f"bookkit notebooks\n{done.stdout}\n{done.stderr}"
    found = {}
    for tab in book.tabs:
        folder = book.output / "notebooks" / tab.name
        found[tab.name] = {
            PurePosixPath(path.relative_to(folder).as_posix()): nbformat.read(
                path, as_version=4
            )
            for path in sorted(folder.rglob("*.ipynb"))
            if ".ipynb_checkpoints" not in path.parts
        }
    return found
