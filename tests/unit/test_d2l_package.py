"""The package for learners: what importing it does, here and installed elsewhere."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bookkit.config import Config

ROOT = Path(__file__).resolve().parents[2]
#: The pip that fills every environment of the book.
PIP = [ROOT / ".envs" / ".pip" / "bin" / "python", "-m", "pip"]
CHECKS = ROOT / "tests" / "d2l_checks"
FRAMEWORKS = {"torch", "mxnet", "tensorflow", "paddle", "keras", "numpy"}


def run_python(
    code: str, python: Path | str = sys.executable, path: Path | None = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run code outside the repository, with `path` to import from."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "")}
    if path:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(
        [python, "-c", code],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def last_line(code: str) -> str:
    """Run code that raises and return what it says."""
    done = run_python(code)
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1]


def test_import_d2l_imports_nothing_beside_it() -> None:
    code = "import sys; old = set(sys.modules); import d2l; "
    code += "print(*sorted(set(sys.modules) - old))"
    assert run_python(code).stdout.split() == ["d2l"]


def test_when_there_is_no_such_framework_then_the_ones_there_are_are_named() -> None:
    assert last_line("from d2l import keras") == (
        "ImportError: d2l has no keras; it has mxnet, paddle, tensorflow, torch. "
        "Write, for example: from d2l import torch as d2l"
    )


def test_when_a_function_is_asked_of_the_package_then_the_import_is_shown() -> None:
    assert last_line("import d2l; d2l.try_gpu()") == (
        "AttributeError: d2l has no try_gpu; it has mxnet, paddle, tensorflow, torch. "
        "Write, for example: from d2l import torch as d2l"
    )


def test_asking_whether_a_name_exists_is_no_error() -> None:
    done = run_python("import d2l; print(hasattr(d2l, 'x'), getattr(d2l, 'y', 3))")
    assert done.stdout == "False 3\n", done.stderr


def test_when_the_framework_is_not_installed_then_that_is_what_is_said() -> None:
    assert last_line("from d2l import torch") == (
        "ModuleNotFoundError: No module named 'torch'"
    )


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parser = configparser.ConfigParser()
    parser.read(ROOT / "config.ini", encoding="utf-8")
    source = (ROOT / "d2l" / "__init__.py").read_text("utf-8")
    versions = {
        parser["project"]["release"],
        project.get("version", parser["project"]["release"]),
        *re.findall(r'^__version__ = "(.*)"$', source, re.M),
    }
    assert len(versions) == 1, versions


def test_the_package_asks_for_nothing_and_pins_nothing() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["dependencies"] == []
    extras = project["optional-dependencies"]
    asked = [one for many in extras.values() for one in many]
    # A floor says what the code needs; anything else would hold readers back.
    assert [one for one in asked if re.search(r"==|<|~|!", one)] == []


def test_in_its_environment_each_module_passes_its_checks(
    tab: str, book: Config
) -> None:
    python = book.tab(tab).python
    if not python.exists():
        pytest.skip(f"the environment of {tab} is not there: run `make`")
    done = subprocess.run(
        [python, CHECKS / f"check_{tab}.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count(" passed\n") >= 5


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "d2l", source / "d2l", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-w", folder]
    done = subprocess.run(
        [*PIP, f"--python={sys.executable}", "wheel", *options, source],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_imports_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", tmp_path / "empty"], check=True
    )
    python = tmp_path / "empty" / "bin" / "python"
    pip = [*PIP, f"--python={python}", "install"]
    options = ["--no-index", "--no-deps", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, wheel], check=True, timeout=60)
    code = "import d2l, pkgutil, sys; print(d2l.__version__); "
    code += "print(*sorted(m.name for m in pkgutil.iter_modules(d2l.__path__))); "
    code += f"print(*set(sys.modules) & {FRAMEWORKS}); print(d2l.__file__)"
    done = run_python(code, python, path=None)
    version, modules, frameworks, file = done.stdout.split("\n")[:4]
    assert (version, frameworks) == (wheel.name.split("-")[1], "")
    assert modules == "mxnet paddle tensorflow torch"
    assert file.startswith(str(tmp_path))
