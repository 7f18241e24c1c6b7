"""What travels to a worker, as JSON: a notebook and all that its key is made of.

The library's sources and the declared data travel too, so that a result never
depends on the text that the worker's own clone happens to have.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bookkit.book.config import Config, Tab
from bookkit.book.datafiles import is_inside
from bookkit.book.source import read_book
from bookkit.files import write_whole
from bookkit.library import write as library
from bookkit.run.cluster.announce import TASK_FORMAT
from bookkit.run.plan import Job


def library_sources(config: Config, tabs: Sequence[Tab]) -> dict[str, dict[str, str]]:
    """Return for each tab what `import` needs of its library: path -> text.

    Raises:
        SourceError: the book cannot be read, or its saved code is not complete.
    """
    rendered = library.render_library(config, read_book(config))
    generated = {tab.library for tab in config.all_tabs if tab.library}
    sources: dict[str, dict[str, str]] = {}
    for tab in tabs:
        found: dict[Path, str] = {}
        if tab.library is not None:
            for path in sorted(tab.library.parent.rglob("*.py")):
                if path not in generated:
                    found[path] = path.read_text(encoding="utf-8")
            found[tab.library] = rendered[tab.library]
        sources[tab.name] = {
            path.relative_to(config.root).as_posix(): text
            for path, text in found.items()
        }
    return sources


def pack(
    config: Config,
    job: Job,
    sources: Mapping[str, str],
    environment: str,
    prefork: bool,
) -> str:
    """Word one notebook for a worker.

    Raises:
        OSError: a declared file is missing or not of the book.
    """
    section, tab = job.name
    data = {}
    for name in job.parts.data:
        if not is_inside(config.root, name):
            raise FileNotFoundError(errno.ENOENT, "data file not in the book", name)
        data[name] = base64.b64encode((config.root / name).read_bytes()).decode()
    content = {
        "format": TASK_FORMAT,
        "key": job.key,
        "section": section,
        "tab": tab,
        "environment": environment,
        "notebook": job.notebook,
        "preload": list(job.tab.preload),
        "variables": dict(job.tab.variables),
        "limits": [
            config.cell_timeout_s,
            config.notebook_timeout_s,
            config.cell_output_limit_kb,
        ],
        "device": job.parts.device,
        "gpus": job.parts.device.split(", ") if job.gpus else [],
        "prefork": prefork,
        "library": dict(sources),
        "data": data,
    }
    return json.dumps(content, ensure_ascii=False)


def unpack(text: str) -> dict[str, Any]:
    """Read what `pack` wrote.

    Raises:
        ValueError: it comes from another version of bookkit.
    """
    content: dict[str, Any] = json.loads(text)
    if content.get("format") != TASK_FORMAT:
        raise ValueError(
            f"the notebook comes in format {content.get('format')}, this worker "
            f"reads {TASK_FORMAT}; use the same commit on both machines"
        )
    return content


def library_folder(content: Mapping[str, Any], folder: Path) -> Path:
    """Name the folder of a task's library by what it holds."""
    whole = json.dumps(content["library"], sort_keys=True)
    return folder / hashlib.sha256(whole.encode()).hexdigest()[:16]


def place_library(content: Mapping[str, Any], target: Path) -> None:
    """Write what `import` needs, where it is not there already."""
    target.mkdir(parents=True, exist_ok=True)
    for name, text in content["library"].items():
        if not (target / name).is_file():
            write_whole(target / name, text)


def place_data(content: Mapping[str, Any], target: Path) -> None:
    """Write the declared files, from where the run copies them.

    Raises:
        OSError: one cannot be written, or would lie elsewhere.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name, encoded in content["data"].items():
        if not is_inside(target, name):
            raise FileNotFoundError(errno.ENOENT, "data file not in the book", name)
        write_whole(target / name, base64.b64decode(encoded))
