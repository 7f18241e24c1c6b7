"""What travels to a worker, as JSON: a notebook and all that its key is made of.

The library's sources and the declared data travel too, so that a result never
depends on the text that the worker's own clone happens to have.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bookkit import library
from bookkit.config import Config, Tab
from bookkit.execute import Job
from bookkit.files import write_whole
from bookkit.source import read_book

#: Counts changes of the payload's meaning; a worker refuses any other.
FORMAT = 1


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


def pack(config: Config, job: Job, sources: Mapping[str, str], environment: str) -> str:
    """Word one notebook for a worker."""
    section, tab = job.name
    data = {
        name: base64.b64encode((config.root / name).read_bytes()).decode()
        for name in job.parts.data
    }
    content = {
        "format": FORMAT,
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
    if content.get("format") != FORMAT:
        raise ValueError(
            f"the notebook comes in format {content.get('format')}, this worker "
            f"reads {FORMAT}; use the same commit on both machines"
        )
    return content


def place(content: Mapping[str, Any], folder: Path) -> Path:
    """Write library and data into a folder named by what they hold; return it."""
    whole = json.dumps([content["library"], content["data"]], sort_keys=True)
    target = folder / hashlib.sha256(whole.encode()).hexdigest()[:16]
    for name, text in content["library"].items():
        if not (target / name).is_file():
            write_whole(target / name, text)
    for name, encoded in content["data"].items():
        if not (target / name).is_file():
            write_whole(target / name, base64.b64decode(encoded))
    target.mkdir(parents=True, exist_ok=True)
    return target
