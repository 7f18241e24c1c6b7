"""Locks can be installed where config.ini says and nowhere else, by the index."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from faulty_books import ROOT

from bookkit.book.config import load
from bookkit.kernels.environments import Environment, build_environment, environment_of
from bookkit.kernels.uv import OLDEST, Uv

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
    command += ["--python", sys.executable, "--target", str(folder)]
    command += ["-r", str(one.lock), "--only-binary", ":all:"]
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
def test_when_config_names_a_machine_then_the_lock_has_wheels(one, platform, tmp_path):
    named = bool(one.tab is None or platform in (one.tab.platforms or PLATFORMS))
    # The ends of what it names, and the first beyond
    last = BOOK.pythons.index(one.pythons[-1])
    for python in {one.pythons[0], *BOOK.pythons[last : last + 2]}:
        said = resolve(one, platform, python, tmp_path)
        assert bool(said) != (named and python in one.pythons), (python, said)
        assert not said or "no usable wheels" in said or "no wheels with" in said, said


def test_when_conda_users_make_their_environment_then_make_has_what_it_needs():
    asked = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    rows = map(re.compile(r"([\w-]+)[>=]*([\d.]*)").fullmatch, asked["dependencies"])
    wanted = {row[1]: row[2] for row in rows if row}
    assert wanted.keys() == {"python", "uv", "git", "make"}
    assert all(wanted["python"] in tab.pythons for tab in BOOK.all_tabs)
    assert tuple(map(int, wanted["uv"].split("."))) >= OLDEST


@pytest.mark.parametrize("conda", ["micromamba", "mamba", "conda"])
def test_when_a_conda_is_at_hand_then_it_solves_environment_yml(conda, tmp_path):
    if not shutil.which(conda):
        pytest.skip(f"no {conda} on this machine")
    words = ["create"] if conda == "micromamba" else ["env", "create"]
    options = ["--dry-run", "-y", "-p", str(tmp_path / "env"), "-f", "environment.yml"]
    done = subprocess.run(
        [conda, *words, *options], cwd=ROOT, capture_output=True, text=True
    )
    if re.search(r"resolve host|onnection|HTTP 000", done.stdout + done.stderr):
        pytest.skip("the channel cannot be reached")
    assert done.returncode == 0, done.stdout + done.stderr
