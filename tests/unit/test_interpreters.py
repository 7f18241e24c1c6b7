"""An environment is as good as the Python of the machine that it was made with."""

import os
import shutil

import pytest
from small_books import write_book

from bookkit import freshness
from bookkit.book.source import read_book
from bookkit.errors import EnvironmentFailure
from bookkit.kernels.environments import environment_of, require
from bookkit.run.plan import plan


@pytest.fixture
def book(tmp_path):
    """Return a book whose environments are fresh, with a Python of their own system."""
    config = write_book(tmp_path / "book", {"one.md": "# One\n"})
    (tmp_path / "usr").mkdir()
    python = tmp_path / "usr" / "python3.11"
    shutil.copyfile("/bin/sh", python)
    for tab in config.tabs:
        one = environment_of(tab)
        one.python.parent.mkdir(parents=True)
        one.python.symlink_to(python)
        one.lock.parent.mkdir(exist_ok=True)
        one.lock.write_text("six==1.17.0\n")
        one.finish("3.11.2")
    return config, python


def test_when_the_system_replaces_python_then_its_environment_is_stale(book):
    config, python = book
    one = environment_of(config.tabs[0])
    assert one.state() == "fresh"
    before = freshness.begin(config)
    os.utime(python, ns=(1, 1))
    assert one.state() == "stale"
    assert freshness.begin(config) != before
    with pytest.raises(EnvironmentFailure) as caught:
        require(config.tabs[0])
    assert "is stale: its Python is not the 3.11.2 it was made with" in str(
        caught.value
    )
    assert "next: " in str(caught.value)


def test_when_the_system_removes_python_then_that_is_told(book):
    config, python = book
    before = freshness.begin(config)
    python.unlink()
    assert environment_of(config.tabs[0]).state() == "half-made"
    assert freshness.begin(config) != before
    with pytest.raises(EnvironmentFailure) as caught:
        require(config.tabs[0])
    assert f"is half-made: its Python {python} is gone" in str(caught.value)


def test_results_of_two_micro_versions_of_python_are_two(book):
    config, _ = book
    write = config.root / "one.md"
    write.write_text("# One\n\n```{.python .input}\n#@tab all\n1\n```\n")
    keys = []
    for version in ("3.11.2", "3.11.7"):
        for tab in config.tabs:
            environment_of(tab).finish(version)
        keys.append({job.key for job in plan(config, read_book(config))})
    assert keys[0] and keys[0].isdisjoint(keys[1])
