"""Whether the last build is still what its inputs make, by content.

Answers in a moment: standard library only, no framework, no Sphinx, no kernel.
File times are not asked for inputs, which a clock or a checkout may set at will.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from bookkit.book.config import Config
from bookkit.book.inputs import input_files
from bookkit.files import own_hash, write_whole
from bookkit.kernels import devices
from bookkit.kernels.environments import interpreter_in
from bookkit.kernels.packages import installed

RECORD_NAME = "last-build.json"
NOTHING_TO_DO = "Nothing to do: the site, the notebooks and the library are up to date"


def is_current(config: Config) -> bool:
    """Tell whether a complete build was made from exactly these inputs."""
    try:
        record = json.loads(_record(config).read_text(encoding="utf-8"))
        if record["inputs"] != _inputs(config):
            return False
        return bool(record["products"] == _products(config))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def note_nothing_ran(config: Config) -> None:
    """Let the report of the last run say that everything is kept by now."""
    path = config.output / "report.json"
    with contextlib.suppress(OSError, ValueError, TypeError):
        rows = json.loads(path.read_text(encoding="utf-8"))
        kept = [{**row, "cached": True} for row in rows]
        if kept != rows:
            write_whole(path, json.dumps(kept, ensure_ascii=False, indent=1))


def begin(config: Config) -> dict[str, object]:
    """Return what a build that begins is made from, and forget the last one.

    An edit in the middle counts as new.
    """
    _record(config).unlink(missing_ok=True)
    return _inputs(config)


def remember(config: Config, inputs: dict[str, object]) -> None:
    """Keep what a build that succeeded was made from."""
    # The build writes the library, which kernels import, and results to commit
    inputs = inputs | {"library": _library(config), "committed": _committed(config)}
    content = {"inputs": inputs, "products": _products(config)}
    write_whole(_record(config), json.dumps(content, indent=1))


def _record(config: Config) -> Path:
    return config.output / RECORD_NAME


def _inputs(config: Config) -> dict[str, object]:
    environments = [config.build_environment, *(t.environment for t in config.tabs)]
    return {
        "tabs": [tab.name for tab in config.tabs],
        "files": {
            name: _hash(config.root / name) for name in sorted(input_files(config))
        },
        "library": _library(config),
        "committed": _committed(config),
        "environments": [_hash(one / "bookkit.json") for one in environments],
        "interpreters": [interpreter_in(one) for one in environments],
        "packages": [installed(one) for one in environments],
        "unavailable": _hashes(config, config.environments.glob("*.unavailable")),
        "tool": own_hash(),
        "gpus": list(devices.gpu_names()),
    }


def _library(config: Config) -> dict[str, str]:
    paths = [tab.library for tab in config.tabs if tab.library]
    folders = {path.parent for path in paths}
    return _hashes(config, {one for folder in folders for one in folder.glob("*.py")})


def _committed(config: Config) -> dict[str, str]:
    folders = [tab.kept for tab in config.tabs if tab.kept]
    return _hashes(config, [one for folder in folders for one in folder.glob("*.json")])


def _hashes(config: Config, paths: Iterable[Path]) -> dict[str, str]:
    return {os.path.relpath(path, config.root): _hash(path) for path in sorted(paths)}


def _products(config: Config) -> dict[str, object]:
    """Describe the pages by size and time, the notebooks by name.

    A reader may change a notebook, which then stays as it is.
    """
    site = config.output / "html"
    pages: dict[str, object] = {}
    for path in sorted(site.rglob("*")):
        if path.is_file():
            state = path.stat()
            pages[str(path.relative_to(site))] = [state.st_size, state.st_mtime_ns]
    folder = config.output / "notebooks"
    notebooks = [
        str(path.relative_to(folder))
        for tab in config.tabs
        for path in sorted((folder / tab.name).rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in path.parts
    ]
    return {"pages": pages, "notebooks": notebooks}


def _hash(path: Path) -> str:
    try:
        if path.is_file():  # a pipe or a device has no end
            return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        pass
    return "missing"
