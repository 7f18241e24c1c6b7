"""The wheel that the site offers: what is in it, when it is made again."""

import zipfile

import pytest
from small_books import write_book

from bookkit.errors import SiteError
from bookkit.publish.wheel import wheel_of

PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "small-book"
version = "{version}"
[tool.setuptools]
packages = ["small"]
"""


def test_when_a_book_has_a_package_then_its_wheel_is_the_same_bytes_each_time(tmp_path):
    project = PROJECT.format(version="1.0")
    files = {"pyproject.toml": project, "small/alpha.py": "ONE = 1\n"}
    first, second = (
        wheel_of(write_book(tmp_path / name, dict(files))) for name in ("one", "two")
    )
    assert first and second and first.name == "small_book-1.0-py3-none-any.whl"
    assert first.read_bytes() == second.read_bytes()
    assert "small/alpha.py" in zipfile.ZipFile(first).namelist()


def test_when_its_content_changes_then_the_wheel_is_made_again(tmp_path):
    book = write_book(tmp_path, {"pyproject.toml": PROJECT.format(version="1.0")})
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "alpha.py").write_text("ONE = 1\n")
    first = wheel_of(book)
    assert wheel_of(book) == first
    (tmp_path / "small" / "alpha.py").write_text("ONE = 2\n")
    second = wheel_of(book)
    assert first and second and second != first and not first.exists()


@pytest.mark.parametrize("project", ["", "[tool.ruff]\n", "[project]\nname = 'x'\n"])
def test_when_the_project_is_about_something_else_then_none_is_made(tmp_path, project):
    assert wheel_of(write_book(tmp_path, {"pyproject.toml": project})) is None


def test_when_the_project_is_wrong_then_it_is_named(tmp_path):
    project = PROJECT.format(version="none")
    files = {"pyproject.toml": project, "small/alpha.py": ""}
    book = write_book(tmp_path, dict(files))
    with pytest.raises(SiteError, match="pyproject.toml: it makes no wheel"):
        wheel_of(book)
