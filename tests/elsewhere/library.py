"""Install `d2l-computation[EXTRA]` as a learner would, on each Python, and check it.

    $ python -m tests.elsewhere.library                  # all rows: many GB
    $ python -m tests.elsewhere.library pytorch oldest   # the rows with these words

Each row gets an environment of its own from uv (the book's, or what `UV` names), the
wheel with one extra, and the checks of `tests/d2l_checks`. `oldest` has the
oldest framework that the extra takes, `newest` what uv finds today. What a machine
lacks, a Python or a framework's wheels, is said and skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from bookkit.kernels.uv import Uv

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ROOT / "tests" / "d2l_checks"
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
MODULES = {"pytorch": "torch"}  # what an extra's framework is imported as
#: uv's words for a framework that has no wheel for this Python or machine.
NO_WHEELS = "no wheels with a matching"


def rows() -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield extra, Python, `oldest` or `newest`, and what is asked for besides."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for extra, requirements in project["optional-dependencies"].items():
        floors = [one.replace(">=", "==") for one in requirements if ">=" in one]
        if floors:
            yield extra, PYTHONS[0], "oldest", floors
        for python in PYTHONS:
            yield extra, python, "newest", []


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command outside the repository, so that only what is installed counts."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        command,
        cwd="/",
        env={**kept, "UV_PYTHON_DOWNLOADS": "never", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )


def find_uv() -> str:
    """Return the path of uv: the book's own, or the one that `UV` names."""
    return os.environ.get("UV") or Uv(ROOT / ".envs" / ".uv").program


def try_row(uv: str, wheel: Path, extra: str, python: str, besides: list[str]) -> str:
    """Return what came of one row: it begins with passed, skipped or FAILED."""
    if run(uv, "python", "find", "--no-project", python).returncode:
        return f"skipped: no Python {python} here"
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder, "bin", "python")
        made = run(uv, "venv", "--quiet", "--no-project", "--python", python, folder)
        asked = [f"d2l-computation[{extra}] @ {wheel.as_uri()}", *besides]
        options = ["--quiet", "--only-binary", ":all:", "--python", str(here)]
        done = run(uv, "pip", "install", *options, *asked) if here.exists() else made
        if done.returncode:
            lacks = NO_WHEELS in " ".join(done.stderr.split())
            return "skipped: no wheels" if lacks else f"FAILED\n{done.stderr}"
        module = MODULES.get(extra, extra)
        found = f"importlib.util.find_spec({module!r})"
        if run(here, "-c", f"import importlib.util; assert {found}").returncode:
            return "skipped: the extra asks for nothing on this Python"
        checked = run(here, CHECKS / "check.py", extra)
        if checked.returncode:
            return f"FAILED\n{checked.stdout}{checked.stderr[-2000:]}"
        version = run(here, "-c", f"import {module}; print({module}.__version__)")
        passed = checked.stdout.count(" passed\n")
        return f"passed: {version.stdout.split()[-1]}, {passed} checks"


def main(words: Sequence[str]) -> int:
    """Try the rows that have all these words; return 1 unless some pass, none fail."""
    uv = find_uv()
    with tempfile.TemporaryDirectory() as folder:
        built = run(uv, "build", "--quiet", "--out-dir", folder, ROOT)
        wheels = list(Path(folder).glob("*.whl"))
        if not wheels:
            print(built.stderr, file=sys.stderr)
            return 1
        results = []
        for extra, python, age, besides in rows():
            if set(words) <= {extra, python, age}:
                begun = time.monotonic()
                results.append(try_row(uv, wheels[0], extra, python, besides))
                took = time.monotonic() - begun
                print(f"{extra:10} {python:4} {age} {took:5.0f} s  {results[-1]}")
                sys.stdout.flush()
    failed = any(one.startswith("FAILED") for one in results)
    return int(failed or not any(one.startswith("passed") for one in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
