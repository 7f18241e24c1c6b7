"""What is known about the runs that a page's outputs come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

#: In a page's metadata: it has the table of all runs.
HAS_TABLE = "bookkit-verified-runs"


@dataclass(frozen=True)
class Run:
    """One run of a section's code in one tab; `date` is ISO 8601, e.g. `2026-11-21`.

    `committed` is one of another machine: the one that built the page cannot run it.
    """

    framework: str
    version: str
    python: str
    device: str
    date: str
    seconds: float
    committed: bool


#: By tab; None where a section has no such tab, and where nothing of it ran.
Runs = Mapping[str, Run | None]


def setup(app: Sphinx) -> None:
    # A folder that our builder fills, with a file for each section.
    app.add_config_value("bookkit_facts", "", "", types=frozenset({str}))


def tabs_of(config: Config, docname: str) -> tuple[str, ...] | None:
    """Return the tabs that a page has; None where it is unknown."""
    facts = _read(config, docname)
    if facts is None:
        return None
    return tuple(tab for tab in config.bookkit_tabs if facts.get(tab) is not None)


def runs_of(config: Config, docname: str) -> Runs:
    """Return the runs that a page shows, in the order of the book's tabs."""
    facts = _read(config, docname) or {}
    return {tab: _run(facts.get(tab) or {}) for tab in config.bookkit_tabs}


def _read(config: Config, docname: str) -> dict[str, Any] | None:
    if not config.bookkit_facts:
        return None
    path = Path(config.bookkit_facts, f"{docname}.json")
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["tabs"]
    except OSError:
        return None
    return found


def _run(facts: Mapping[str, Any]) -> Run | None:
    versions = dict(facts.get("versions", {}))
    python = versions.pop("python", "")
    for framework, version in versions.items():
        return Run(
            framework,
            version.partition("+")[0],  # `+cpu` names the wheel, not what it does
            python,
            "CPU" if facts.get("device") == "cpu" else str(facts.get("device", "")),
            str(facts.get("date", "")),
            float(facts.get("seconds", 0.0)),
            bool(facts.get("committed", False)),
        )
    return None
