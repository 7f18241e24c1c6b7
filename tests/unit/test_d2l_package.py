"""The package for learners: what importing it does, here and installed elsewhere."""

import ast
import configparser
import email
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bookkit.book.config import load
from bookkit.book.syntax import names_of
from bookkit.kernels.uv import Uv
from bookkit.publish.wheel import wheel_of

ROOT = Path(__file__).resolve().parents[2]
#: The uv that fills every environment of the book.
UV = Uv(ROOT / ".envs" / ".uv").program
CHECKS = ROOT / "tests" / "d2l_checks"
FRAMEWORKS = {"torch", "mxnet", "tensorflow", "paddle", "keras", "numpy"}


def run_python(
    code: str, python: Path | str = sys.executable, path: Path | None = ROOT
) -> subprocess.CompletedProcess[str]:
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
    done = run_python(code)
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1]


def test_import_d2l_imports_nothing_beside_it():
    code = "import sys; old = set(sys.modules); import d2l; "
    code += "print(*sorted(set(sys.modules) - old))"
    assert run_python(code).stdout.split() == ["d2l"]


def test_when_there_is_no_such_framework_then_the_ones_there_are_are_named():
    assert last_line("from d2l import keras") == (
        "ImportError: d2l has no keras; it has mxnet, paddle, tensorflow, torch. "
        "Write, for example: from d2l import torch as d2l"
    )


def test_when_a_function_is_asked_of_the_package_then_the_import_is_shown():
    assert last_line("import d2l; d2l.try_gpu()") == (
        "AttributeError: d2l has no try_gpu; it has mxnet, paddle, tensorflow, torch. "
        "Write, for example: from d2l import torch as d2l"
    )


def test_asking_whether_a_name_exists_is_no_error():
    done = run_python("import d2l; print(hasattr(d2l, 'x'), getattr(d2l, 'y', 3))")
    assert done.stdout == "False 3\n", done.stderr


def test_when_the_framework_is_not_installed_then_that_is_what_is_said():
    # of what it needs, the first in the alphabet
    assert last_line("from d2l import torch") == (
        "ModuleNotFoundError: No module named 'matplotlib'"
    )


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    parser = configparser.ConfigParser()
    parser.read(ROOT / "config.ini", encoding="utf-8")
    source = (ROOT / "d2l" / "__init__.py").read_text("utf-8")
    (version,) = re.findall(r'^__version__ = "(.*)"$', source, re.M)
    assert parser["project"]["release"] == version
    assert "version" not in project and project["dynamic"] == ["version"]


def test_the_package_asks_for_nothing_and_its_extras_for_what_works():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["dependencies"] == []
    extras = project["optional-dependencies"]
    # Only MXNet is held back: newer releases of the others are welcome, but MXNet's
    # last one installs on a Python and beside a NumPy with which it cannot be imported.
    asked = [one for many in extras.values() for one in many]
    held = [one for one in asked if re.search(r"==|<|~|!", one)]
    assert held == [one for one in extras["mxnet"] if one != "matplotlib"]
    assert all("matplotlib" in one for one in extras.values())
    assert all(one.endswith("; python_version < '3.12'") for one in held)


def interface(path: Path) -> dict[str, str]:
    """Return the names a module or its stub defines, and how each is called."""
    found: dict[str, str] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name != "__getattr__":
            for one in ast.walk(node.args):
                if isinstance(one, ast.arg):
                    one.annotation = None
            found[node.name] = ast.unparse(node.args)
        elif isinstance(node, ast.ClassDef):
            found[node.name] = "class"
        elif isinstance(node, ast.AnnAssign):  # a stub gives no value
            found[ast.unparse(node.target)] = "value"
        elif isinstance(node, ast.Assign):
            found |= dict.fromkeys(names_of(node), "value")
    return {name: what for name, what in found.items() if name != "__all__"}


def test_the_types_of_each_module_are_those_of_its_code(book):
    stubs = {path.stem: interface(path) for path in (ROOT / "d2l").glob("*.pyi")}
    modules = [tab.library for tab in book.all_tabs if tab.library]
    assert stubs == {path.stem: interface(path) for path in modules}
    assert stubs["torch"].items() >= {"Residual": "class", "try_gpu": "i=0"}.items()


def test_in_its_environment_each_module_passes_its_checks(tab, book):
    python = book.tab(tab).python
    if not python.exists():
        pytest.skip(f"the environment of {tab} is not there: run `make`")
    done = subprocess.run(
        [python, CHECKS / "check.py", tab],
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
    """Build the wheel as the site offers it, without a network."""
    built = wheel_of(replace(load(ROOT), output=tmp_path_factory.mktemp("wheel")))
    assert built
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment that has our wheel and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    install = [UV, "pip", "install", "--python", python]
    options = ["--no-index", "--no-deps", "--quiet"]
    subprocess.run([*install, *options, wheel], check=True, timeout=60)
    return python


def test_the_wheel_imports_in_an_empty_environment(wheel, installed):
    code = "import d2l, pkgutil, sys; print(d2l.__version__); "
    code += "print(*sorted(m.name for m in pkgutil.iter_modules(d2l.__path__))); "
    code += f"print(*set(sys.modules) & {FRAMEWORKS}); print(d2l.__file__)"
    done = run_python(code, installed, path=None)
    assert done.stderr == ""
    version, modules, frameworks, file = done.stdout.split("\n")[:4]
    assert (version, frameworks) == (wheel.name.split("-")[1], "")
    assert modules == "mxnet paddle tensorflow torch"
    assert file.startswith(str(installed.parents[1]))


def test_the_wheel_says_its_name_version_and_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [one for one in archive.namelist() if one.endswith("/METADATA")]
        (licence,) = [one for one in archive.namelist() if one.endswith("/LICENSE")]
        told = email.message_from_bytes(archive.read(metadata))
        assert archive.read(licence) == (ROOT / "LICENSE").read_bytes()
    assert (told["Name"], told["License-Expression"]) == ("d2l-computation", "MIT")
    assert told["Version"] == wheel.name.split("-")[1]


def test_when_d2l_is_installed_over_the_same_files_then_import_warns(installed):
    (package,) = installed.parents[1].glob("lib/*/site-packages/d2l")
    record = package.parent / "d2l-1.0.3.dist-info" / "RECORD"
    record.parent.mkdir()
    try:
        # another distribution of that name, which leaves our files alone
        record.write_text("other/__init__.py,,\nd2l-1.0.3.dist-info/RECORD,,\n")
        assert run_python("import d2l", installed, path=None).stderr == ""
        # D2L's own
        record.write_text("d2l/__init__.py,sha256=47DEQpj8HBSa-_TImW,383\n")
        done = run_python("import d2l\nimport d2l.mxnet", installed, path=None)
        # it shadows what is installed, and its own files are whole
        checkout = run_python("import d2l", installed, path=ROOT)
    finally:
        shutil.rmtree(record.parent)
    assert done.stderr.startswith(
        "<string>:1: UserWarning: d2l-computation and d2l-1.0"
    )
    assert "pip uninstall d2l d2l-computation" in done.stderr
    assert done.stderr.count("Warning") == 1
    assert checkout.stderr == ""


def test_a_type_checker_sees_the_types_of_what_is_installed(installed, tmp_path):
    use = tmp_path / "use.py"
    use.write_text(
        "from d2l import tensorflow as d2l\n"
        "with d2l.try_gpu(), d2l.try_all_gpus()[0]:\n"
        "    pass\n"
        "d2l.try_gpu('0')\n"
        "d2l.try_all_gpus().device\n"
        "d2l.try_cpu()\n"
    )
    mypy = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        f"--python-executable={installed}",
    ]
    done = subprocess.run(
        [*mypy, "--config-file=", f"--cache-dir={tmp_path / 'cache'}", use],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    refused = re.findall(r"^use\.py:(\d+): error: .*\[(.*)\]$", done.stdout, re.M)
    expected = [("4", "arg-type"), ("5", "attr-defined"), ("6", "attr-defined")]
    assert refused == expected, done.stdout + done.stderr
