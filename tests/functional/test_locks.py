"""Locks can be installed where config.ini says and nowhere else, by the index."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from faulty_books import ROOT

from bookkit.config import load
from bookkit.environments import build_environment, environment_of
from bookkit.installing import Environment
from bookkit.uv import Uv

BOOK = load(ROOT)
#: Platforms as config.ini names them, and as uv does.
PLATFORMS = {
    "linux-x86_64": "x86_64-manylinux_2_28",
    "linux-aarch64": "aarch64-manylinux_2_28",
    "macos-arm64": "aarch64-apple-darwin",
}
ENVIRONMENTS = [build_environment(BOOK), *map(environment_of, BOOK.all_tabs)]
#: Pure Python that has never been published as a wheel.
SOURCES = ("mxtheme", "pandoc-attributes", "d2l-notedown")


def resolve(one: Environment, platform: str, python: str, folder: Path) -> str:
    """Let uv resolve a lock for a machine; return why it cannot be installed there."""
    uv = Uv(ROOT / ".envs" / ".uv", without=("extra-index-url", "find-links"))
    command = [uv.program, *"pip install --dry-run --no-deps -q".split()]
    command += [
        "--python",
        sys.executable,
        "--target",
        str(folder),
        "-r",
        str(one.lock),
        "--only-binary",
        ":all:",
    ]
    command += [word for name in SOURCES for word in ("--no-binary", name)]
    command += ["--python-platform", PLATFORMS[platform], "--python-version", python]
    # PyTorch's wheels for macOS ask for this one or newer
    variables = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": "14.0"}
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    if re.search(r"dns error|error sending request|timed out", done.stderr):
        pytest.skip("the index cannot be reached")
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("one", ENVIRONMENTS, ids=lambda one: one.name)
def test_when_config_names_a_python_and_a_platform_then_the_lock_has_wheels(
    one: Environment, platform: str, tmp_path: Path
) -> None:
    named = bool(one.tab is None or platform in (one.tab.platforms or PLATFORMS))
    for python in BOOK.pythons:
        said = resolve(one, platform, python, tmp_path)
        assert bool(said) != (named and python in one.pythons), (python, said)
        assert not said or "no usable wheels" in said or "no wheels with" in said, said
