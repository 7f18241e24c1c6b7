"""Leave out tests that passed before, where nothing that they may read has changed.

`make test` names this plugin; pytest by itself runs whatever it is asked for. What
passed is kept in _build/proofs, one record for each folder of tests or notebook, with a
digest of our files, of what is built before the tests, and of the machine. Tests that
failed, were skipped or did not end run again, as do those whose digest changed while
they ran. A test that fails gets a second try, since browsers and kernels share a busy
machine: pytest lists it under RERUN, and it counts as not proven.
"""

import json
import os
import re
import shutil
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from bookkit.files import write_whole
from bookkit.kernels.devices import gpu_names

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = "_build/nbval/"
SETTINGS = ("TABS", "BOOKKIT_SITE_DIR", "BOOKKIT_CHROMIUM")
BROWSERS = ("chromium", "chromium-headless-shell", "google-chrome")

_WORDS = "README|CHANGELOG|CONTRIBUTING|LICENSE|SECURITY|benchmarks"
_SECTIONS = "chapter_|img|index.md|d2l.bib"
_OF_TEXT = f"{_WORDS}|docs|kept|bookkit/src/bookkit/site"
# Tests -> what they do not read: any file that is not named counts. Tests that are not
# here always run.
_UNREAD = {
    "tests/unit/": "_build",
    "tests/functional/": f"{_WORDS}|docs|kept|d2l|_build|tests/words|{_SECTIONS}",
    "tests/functional/test_d2lbook_commands.py": "_build",
    "tests/site/": f"{_WORDS}|tests/words|_build/(notebooks|nbval)",
    "tests/claims/": f"{_OF_TEXT}|_build",
    "tests/exercises/": f"{_OF_TEXT}|_build",
    "tests/mutants/": f"{_WORDS}|docs|kept|_build",
    "tests/parity/": f"{_OF_TEXT}|_build",
    "tests/notebooks/": f"{_WORDS}|docs|_build/(html|nbval)",
    NOTEBOOKS: f"{_WORDS}|docs|kept|bookkit|tests|_build|{_SECTIONS}",
}
#: Reads the names of tests in other folders: it always runs, and takes no time.
_READS_ALL = "tests/unit/test_security_told.py"
# Files that are there when the tests begin; those in a folder of tests are not read by
# the tests in another.
_READ = (
    *("[!._]*", "[!._]*/**/*", ".github/**/*", ".ci/*"),
    *("_build/html/**/*", "_build/notebooks/**/*"),
    *("_build/nbval/**/*.ipynb", ".envs/*.unavailable", ".envs/*/*.json"),
)


def group_of(test: str) -> str:
    """Return what shares a record with a test: a cell needs those before it."""
    if test.startswith(_READS_ALL):
        return ""
    if test.startswith(NOTEBOOKS):
        return test.partition("::")[0]
    return max(filter(test.startswith, _UNREAD), key=len, default="")


def digests(root: Path = ROOT) -> dict[str, str]:
    """Return group of tests -> digest of all that they may read."""
    found = {path for pattern in _READ for path in root.glob(pattern)}
    lines = {
        path.relative_to(root).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(found)
        if path.is_file() and "__pycache__" not in path.parts
    }
    programs = [path for name in BROWSERS if (path := shutil.which(name))]
    packages = root.glob(".envs/*/lib/*/site-packages/*.dist-info")
    machine = [sys.version, *gpu_names(), *(os.getenv(name, "") for name in SETTINGS)]
    machine += sorted(path.relative_to(root).as_posix() for path in packages)
    machine += [f"{path} {os.stat(path).st_mtime_ns}" for path in programs]

    folders = tuple(group for group in _UNREAD if group.endswith("/"))

    def digest_of(group: str) -> str:
        unread = re.compile(_UNREAD.get(group) or _UNREAD[NOTEBOOKS])
        beside = group.rpartition("/")[0] + "/"
        read = [
            f"{path} {digest}"
            for path, digest in lines.items()
            if path.startswith(beside) or not path.startswith(folders)
            if path == group or not unread.match(path)
        ]
        return sha256("\n".join([*machine, *read]).encode()).hexdigest()

    notebooks = [path for path in lines if path.startswith(NOTEBOOKS)]
    return {group: digest_of(group) for group in (*_UNREAD, *notebooks)}


def _record_of(group: str) -> Path:
    return ROOT / "_build" / "proofs" / f"{group.rstrip('/')}.json"


def proven_with(group: str, digest: str) -> set[str]:
    """Return what passed with this digest; a damaged record proves nothing."""
    try:
        kept = json.loads(_record_of(group).read_text(encoding="utf-8"))
        return set(kept["passed"]) if kept["digest"] == digest else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--again", action="store_true", help="run what is proven, too")


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.collectonly:
        config.pluginmanager.register(Proofs(config))


class Proofs:
    """Leaves out what is proven; the process that hears from all workers keeps it."""

    def __init__(self, config: pytest.Config) -> None:
        self._told: dict[str, Any] | None = getattr(config, "workerinput", None)
        self._before = digests() if self._told is None else {}
        kept = set().union(*(proven_with(*one) for one in self._before.items()))
        self._proven = set(self._told["proven"]) if self._told is not None else kept
        if config.option.again:
            self._proven = set()
        asked = tuple(config.args)
        self._num_left = sum(test.startswith(asked) for test in self._proven)
        self._ended: set[str] = set()
        self._bad: set[str] = set()

    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["proven"] = sorted(self._proven)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid not in self._proven]
        for item in items:
            # A cell of nbval cannot run twice in its kernel
            if not item.nodeid.startswith(NOTEBOOKS):
                item.add_marker(pytest.mark.flaky(reruns=1))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not report.passed:
            self._bad.add(report.nodeid)
        elif report.when == "teardown":
            self._ended.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._told is not None:
            return
        for group, now in digests().items():
            ended = {test for test in self._ended if group_of(test) == group}
            bad = {test for test in self._bad if group_of(test) == group}
            passed = (ended | proven_with(group, now)) - bad
            if group.startswith(NOTEBOOKS) and (bad or exitstatus > 1):
                passed = set()
            if ended | bad and now == self._before.get(group):
                kept = {"digest": now, "passed": sorted(passed)}
                write_whole(_record_of(group), json.dumps(kept, indent=1))
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self._num_left:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._num_left:
            terminalreporter.write_line(
                f"{self._num_left} left out: passed before, and nothing they depend on "
                "changed since (make test AGAIN=1 runs all)"
            )
