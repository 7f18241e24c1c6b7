"""A package that is swapped makes notebooks run; what was installed counts, no lock."""

import subprocess
from pathlib import Path

import pytest
from faulty_books import ROOT, SITE_CONFIG, Book, own_environment
from wheels import write_wheel

from bookkit.kernels.packages import digest_of, installed
from bookkit.kernels.uv import Uv

UV = Uv(ROOT / ".envs" / ".uv").program
CELL = "import swapped.build\n---\nswapped.build.NAME"


def uv(*arguments: str | Path) -> None:
    command = [UV, "pip", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_when_a_package_is_swapped_then_notebooks_run_and_it_is_named(tmp_path):
    book = Book(tmp_path / "book", {"one": CELL}, SITE_CONFIG)
    environment = own_environment(book)
    python = environment / "bin" / "python"
    install = ("install", "--python", python, "--no-index", "--no-deps", "--quiet")
    cpu, gpu = (
        write_wheel(tmp_path, "swapped", f"1.0+{build}", build=f"NAME = '1.0+{build}'")
        for build in ("cpu", "gpu")
    )
    uv(*install, cpu)
    assert installed(environment)["swapped"] == "1.0+cpu"
    output = book.passes("build")
    assert "Notebooks run: 1 of 1" in output, output
    assert "Nothing to do" in book.bookkit("build")[1]
    uv(*install, gpu)
    _, told = book.bookkit("explain")
    assert told.splitlines() == [
        "one.md [alpha]: would run",
        "    package swapped 1.0+cpu -> 1.0+gpu",
    ]
    output = book.passes("build")
    assert "Notebooks run: 1 of 1" in output, output
    page = (book.root / "_build" / "html" / "one.html").read_text(encoding="utf-8")
    assert "1.0+gpu" in page and "1.0+cpu" not in page
    uv("uninstall", "--python", python, "swapped")
    assert "    package swapped is gone" in book.bookkit("explain")[1]
    uv(*install, cpu)
    output = book.passes("build")
    assert "Notebooks run: 0 of 1" in output, output


@pytest.mark.parametrize("name", ["build", "alpha"])
def test_when_an_environment_is_read_then_its_own_interpreter_agrees(name, tmp_path):
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


def test_when_nothing_is_installed_then_that_is_no_error(tmp_path):
    assert installed(tmp_path) == {}
    assert digest_of({"a": "1", "b": "2"}) == digest_of({"b": "2", "a": "1"})
    assert digest_of({"a": "1"}) != digest_of({"a": "2"})
