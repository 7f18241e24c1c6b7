"""A package that is swapped makes notebooks run; what was installed counts, no lock."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
from faulty_books import ROOT, SITE_CONFIG, Book, own_environment

from bookkit.packages import digest_of, installed

PIP = [ROOT / ".envs" / ".pip" / "bin" / "python", "-m", "pip"]
CELL = "import swapped\n---\nswapped.BUILD"


def wheel(folder: Path, version: str) -> Path:
    """Write a wheel of a package that tells its version."""
    facts = f"swapped-{version}.dist-info"
    path = folder / f"swapped-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("swapped.py", f"BUILD = 'build {version}'\n")
        archive.writestr(
            f"{facts}/METADATA",
            f"Metadata-Version: 2.1\nName: swapped\nVersion: {version}\n",
        )
        archive.writestr(
            f"{facts}/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{facts}/RECORD", "")
    return path


def pip(python: Path, *arguments: str | Path) -> None:
    """Call the pip that fills the book's environments."""
    command = [*PIP, f"--python={python}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_when_a_package_is_swapped_then_its_notebooks_run_and_explain_names_it(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path / "book", {"one": CELL}, SITE_CONFIG)
    environment = own_environment(book)
    python = environment / "bin" / "python"
    options = ("install", "--no-index", "--no-deps", "--quiet")
    pip(python, *options, wheel(tmp_path, "1.0+cpu"))
    assert installed(environment)["swapped"] == "1.0+cpu"
    status, output = book.bookkit("build")
    assert status == 0 and "Notebooks run: 1 of 1" in output, output
    assert "Nothing to do" in book.bookkit("build")[1]
    pip(python, *options, wheel(tmp_path, "1.0+gpu"))
    _, told = book.bookkit("explain")
    assert told.splitlines() == [
        "one.md [alpha]: would run",
        "    package swapped 1.0+cpu -> 1.0+gpu",
    ]
    status, output = book.bookkit("build")
    assert status == 0 and "Notebooks run: 1 of 1" in output, output
    page = (book.root / "_build" / "html" / "one.html").read_text(encoding="utf-8")
    assert "build 1.0+gpu" in page and "build 1.0+cpu" not in page
    pip(python, "uninstall", "--yes", "swapped")
    assert "    package swapped is gone" in book.bookkit("explain")[1]
    pip(python, *options, wheel(tmp_path, "1.0+cpu"))
    status, output = book.bookkit("build")
    assert status == 0 and "Notebooks run: 0 of 1" in output, output


@pytest.mark.parametrize("name", ["build", "alpha"])
def test_when_an_environment_is_looked_at_then_its_own_interpreter_agrees(
    name: str, tmp_path: Path
) -> None:
    environment = Book(tmp_path, {"one": "1"}).root / ".envs" / "alpha"
    if name == "build":
        environment = ROOT / ".envs" / "build"
    code = (
        "import importlib.metadata as metadata, re, sysconfig\n"
        "for one in metadata.distributions(path=[sysconfig.get_path('purelib')]):\n"
        "    print(re.sub('[-_.]+', '-', one.name).lower(), one.version)"
    )
    python = environment / "bin" / "python"
    done = subprocess.run([python, "-Ic", code], capture_output=True, text=True)
    wanted = dict(row.split() for row in done.stdout.splitlines())
    assert installed(environment) == wanted
    assert len(wanted) > 10


def test_when_nothing_is_installed_then_that_is_no_error(tmp_path: Path) -> None:
    assert installed(tmp_path) == {}
    assert digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"})
    assert digest_of({"a": "1"}) != digest_of({"a": "2"})
