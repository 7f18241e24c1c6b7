"""A Sphinx that got ready for the next build: used where it fits, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from site_books import CONFIG, TABS, write_files

from bookkit.site import waiting
from bookkit.site.build import SiteBuild
from bookkit.site.html_pages import SphinxRun

INDEX = "# Small\n\n```toc\none\n```\n"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    files = {"config.ini": CONFIG, "index.md": INDEX, "one.md": "# One\n\nFirst.\n"}
    write_files(tmp_path, files)
    build(tmp_path)
    waiting.get_ready(tmp_path, TABS, verbose=False)
    yield tmp_path
    for sphinx in ready():
        sphinx.stop()
    waiting._waiting.clear()


def ready() -> list[SphinxRun]:
    return [sphinx for _, sphinx in waiting._waiting]


def build(root: Path) -> tuple[SphinxRun, str]:
    """Build; return what made the pages, and a page."""
    with SiteBuild(root, TABS, keep=True) as site:
        site.finish()
    return site._sphinx, (root / "_build" / "html" / "one.html").read_text("utf-8")


def test_when_a_page_is_edited_then_the_one_that_waits_makes_it(root):
    (waits,) = ready()
    (root / "one.md").write_text("# One\n\nSecond.\n", encoding="utf-8")
    used, page = build(root)
    assert used is waits
    assert "Second." in page
    assert ready() == []


def test_when_a_build_stops_early_then_the_same_one_waits_on(root):
    (waits,) = ready()
    said = "nothing was run"
    with pytest.raises(ValueError, match=said), SiteBuild(root, TABS, keep=True):
        raise ValueError(said)
    assert ready() == [waits]
    assert waits.waits


@pytest.mark.parametrize("change", ["build", "section", "config", "death"])
def test_when_it_does_not_fit_any_more_then_another_is_started(root, change):
    (waits,) = ready()
    if change == "build":  # by another process: `make` beside `make serve`
        waiting._waiting, kept = [], waiting._waiting
        (root / "one.md").write_text("# One\n\nBetween.\n", encoding="utf-8")
        build(root)
        waiting._waiting = kept
    elif change == "section":
        index = INDEX.replace("one\n", "one\ntwo\n")
        write_files(root, {"index.md": index, "two.md": "# Two\n\nNew.\n"})
    elif change == "config":
        write_files(root, {"config.ini": CONFIG.replace("小书", "大书")})
    else:
        waits.stop()
    (root / "one.md").write_text("# One\n\nSecond.\n", encoding="utf-8")
    used, page = build(root)
    assert used is not waits
    assert not waits.waits
    assert "Second." in page
    assert ("大书" in page) == (change == "config")
    assert ('href="two.html"' in page) == (change == "section")
