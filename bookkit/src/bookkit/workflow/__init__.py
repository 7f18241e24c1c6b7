"""The order in which a command does its steps; every step lives elsewhere.

| module | its commands |
|---|---|
| `building` | `build`, and each build of `serve` |
| `checking` | `check`, `lib`, `addresses` |
| `running` | `run`, `explain` |
| `taking` | `notebooks`, `lab`, `publish-notebooks`, `course`, `archive`, `d2lbook` |
"""

from bookkit.workflow.building import build
from bookkit.workflow.checking import accept_findings, addresses, check, coverage, lib
from bookkit.workflow.common import locked
from bookkit.workflow.running import explanations, run
from bookkit.workflow.taking import (
    archive,
    course,
    lab,
    notebooks,
    plain,
    publish_notebooks,
)
from bookkit.workflow.watcher import Watcher

__all__ = [
    "Watcher",
    "accept_findings",
    "addresses",
    "archive",
    "build",
    "check",
    "course",
    "coverage",
    "explanations",
    "lab",
    "lib",
    "locked",
    "notebooks",
    "plain",
    "publish_notebooks",
    "run",
]
