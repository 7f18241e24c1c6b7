"""Leave out what was proven before, where nothing that it depends on has changed since.

`make test` names this plugin; pytest by itself runs whatever it is asked for. A test
that passed is kept with a digest of all that it may read: our code, the tests beside
it, the book, the environments, the machine's GPUs. It is left out for as long as the
digest stays. Failed and skipped tests are never kept, nor any whose files changed
meanwhile.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from bookkit.files import digest, write_whole
from bookkit.kernels.devices import gpu_names
from bookkit.kernels.packages import digest_of, installed

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "_build" / "proofs"
#: Settings of the shell that choose what is tested.
SETTINGS = ("TABS", "BOOKKIT_SITE_DIR", "BOOKKIT_CHROMIUM")
BROWSERS = ("chromium", "chromium-headless-shell", "google-chrome")
NOTEBOOK = ".ipynb"

# Beginnings of what a group of tests does not read. Anything else counts, so that a
# file which nobody thought of runs a test too often and not too seldom.
_WORDS = ("README", "CHANGELOG", "CONTRIBUTING", "LICENSE", "benchmarks")
_DOCS = (*_WORDS, "docs")
# Results of other machines, which pages and notebooks are made of.
_KEPT = "kept"
_SECTIONS = ("chapter_", "img", "index.md", "d2l.bib")
# Tests -> what they do not read; the longest beginning of a test's name counts. Those
# of `tests/unit` are not here: they read everything, take seconds, and always run.
_UNREAD = {
    "tests/functional/": (*_DOCS, *_SECTIONS, "d2l", _KEPT),
    "tests/functional/test_d2lbook_commands.py": (),
    "tests/site/": _WORDS,
    "tests/claims/": (*_DOCS, "bookkit/src/bookkit/site", _KEPT),
    "tests/exercises/": (*_DOCS, "bookkit/src/bookkit/site", _KEPT),
    "tests/parity/": (*_DOCS, "bookkit/src/bookkit/site", _KEPT),
    "tests/notebooks/": _DOCS,
    "_build/nbval/": (*_DOCS, *_SECTIONS, "bookkit", "tests", _KEPT),
}
# What is made before the tests that look at it.
_MADE = {"tests/site/": "_build/html", "tests/notebooks/": "_build/notebooks"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let everything run again."""
    parser.addoption("--again", action="store_true", help="run what is proven, too")


def pytest_configure(config: pytest.Config) -> None:
    """Keep proofs in this process, or leave out what the one that began us names."""
    told = getattr(config, "workerinput", None)
    if told is not None:
        config.pluginmanager.register(_Leaving(told["proven"]))
    elif not config.option.collectonly:
        inputs = Inputs()
        proven = [] if config.option.again else sorted(proven_with(inputs))
        leaving = _Leaving(proven)
        config.pluginmanager.register(leaving)
        config.pluginmanager.register(_Keeping(inputs, leaving))


class Inputs:
    """What tests depend on, looked at once."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._known: dict[str, str] = {}

    def digest_of(self, test: str) -> str | None:
        """Return what stands for all that a test depends on; None: always run it."""
        group = max(filter(test.startswith, _UNREAD), key=len, default=None)
        if group is None:
            return None
        file = file_of(test)
        known = file if is_notebook(test) else group
        if known not in self._known:
            paths = sorted(self._read_by(group, file))
            self._known[known] = digest(
                (self._root / path for path in paths), (*paths, *self._machine)
            )
        return self._known[known]

    def _read_by(self, group: str, file: str) -> Iterator[str]:
        beside = group.rpartition("/")[0]
        for path in self._files:
            # Tests in folders of their own do not read each other's.
            is_apart = path.startswith("tests/") and path.count("/") > 1
            if is_apart and not path.startswith(f"{beside}/"):
                continue
            if not path.startswith(_UNREAD[group]):
                yield path
        if group in _MADE:
            yield from self._walk(self._root / _MADE[group])
        if is_notebook(file):
            yield file

    @cached_property
    def _files(self) -> list[str]:
        tops = [path for path in self._root.iterdir() if path.name[0] not in "._"]
        environments = self._root / ".envs"
        records = [
            *environments.glob("*/bookkit.json"),
            *environments.glob("*.unavailable"),
        ]
        return [
            *(path.name for path in tops if path.is_file()),
            *(path for top in tops if top.is_dir() for path in self._walk(top)),
            *(path.relative_to(self._root).as_posix() for path in records),
        ]

    @cached_property
    def _machine(self) -> tuple[str, ...]:
        settings = (os.environ.get(name, "") for name in SETTINGS)
        browsers = (_version_of(name) for name in BROWSERS)
        environments = sorted((self._root / ".envs").glob("*/"))
        packages = (digest_of(installed(folder)) for folder in environments)
        return (sys.version, *gpu_names(), *settings, *browsers, *packages)

    def _walk(self, folder: Path) -> Iterator[str]:
        for path in folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(self._root).as_posix()


def _version_of(program: str) -> str:
    """Return what changes when a program is installed anew."""
    path = shutil.which(program)
    return f"{path} {os.stat(path).st_mtime_ns}" if path else ""


def file_of(test: str) -> str:
    """Return the file that a test is in."""
    return test.partition("::")[0]


def is_notebook(test: str) -> bool:
    """Tell whether a test is a cell: it needs all those before it."""
    return file_of(test).endswith(NOTEBOOK)


def read_record(file: str) -> dict[str, str]:
    """Return test -> digest for a file of tests; a damaged record proves nothing."""
    try:
        found = json.loads(_record_of(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _record_of(file: str) -> Path:
    return RECORDS / f"{file}.json"


def proven_with(inputs: Inputs) -> Iterator[str]:
    """Yield the tests that passed with all that is there now."""
    for path in RECORDS.rglob("*.json"):
        file = path.relative_to(RECORDS).as_posix().removesuffix(".json")
        for test, then in read_record(file).items():
            if inputs.digest_of(test) == then:
                yield test


class _Leaving:
    """Leaves out what is proven, in each process that has tests."""

    def __init__(self, proven: Iterable[str]) -> None:
        self._proven = frozenset(proven)
        self.left: set[str] = set()

    @property
    def proven(self) -> list[str]:
        return sorted(self._proven)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.left |= {item.nodeid for item in items} & self._proven
        items[:] = [item for item in items if item.nodeid not in self._proven]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        told = getattr(session.config, "workeroutput", None)
        if told is not None:
            told["left"] = sorted(self.left)


class _Keeping:
    """Keeps what passed, in the process that hears from all the others."""

    def __init__(self, inputs: Inputs, leaving: _Leaving) -> None:
        self._inputs = inputs
        self._leaving = leaving
        self._outcomes: dict[str, set[str]] = {}

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker what it need not run."""
        node.workerinput["proven"] = self._leaving.proven

    def pytest_testnodedown(self, node: Any) -> None:
        """Hear from a worker what it left out."""
        told = getattr(node, "workeroutput", None) or {}
        self._leaving.left |= set(told.get("left", ()))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Look at what a test depends on before it runs."""
        self._inputs.digest_of(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._outcomes.setdefault(report.nodeid, set()).add(report.outcome)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self._keep()
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self._leaving.left:
            session.exitstatus = pytest.ExitCode.OK

    def _keep(self) -> None:
        now = Inputs()
        for file in {file_of(test) for test in self._outcomes}:
            tests = {t: o for t, o in self._outcomes.items() if file_of(t) == file}
            if is_notebook(file) and any("failed" in one for one in tests.values()):
                continue
            passed = {test for test, one in tests.items() if one == {"passed"}}
            digests = {test: self._inputs.digest_of(test) for test in passed}
            kept = read_record(file) | {
                test: digest
                for test, digest in digests.items()
                if digest and digest == now.digest_of(test)
            }
            if kept:
                write_whole(_record_of(file), json.dumps(kept, indent=1))

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        if left := len(self._leaving.left):
            terminalreporter.write_line(
                f"{left} left out: passed before, and nothing they depend on changed "
                "since (make test AGAIN=1 runs all)"
            )
