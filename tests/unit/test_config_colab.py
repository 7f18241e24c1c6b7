"""`[colab] github_repo`: what plain d2lbook takes, and what it would stop at."""

from pathlib import Path
from typing import Any

import pytest
from d2lbook.colab import parse_repo_lib
from test_config_messages import fail

from bookkit.book import config as configuration

TABS = "[build]\ntabs = alpha, beta\n"
GOOD = "alpha, some-one/book.a\n    beta, some-one/book_b"


def colab_of(root: Path, text: str) -> Any:
    (root / "config.ini").write_text(f"{TABS}[colab]\n{text}\n", encoding="utf-8")
    return configuration.load(root).colab


def test_when_configured_then_each_tab_has_the_address_that_d2lbook_makes(tmp_path):
    colab = colab_of(tmp_path, f"github_repo = {GOOD}")
    theirs, _ = parse_repo_lib(GOOD.replace("    ", ""), "", "1")
    assert colab.repositories == theirs
    site = "https://colab.research.google.com/github"
    assert colab.address("beta", "chapter/one") == (
        f"{site}/some-one/book_b/blob/master/chapter/one.ipynb"
    )
    assert colab.address("alpha", "章/一") == (
        f"{site}/some-one/book.a/blob/master/%E7%AB%A0/%E4%B8%80.ipynb"
    )
    assert colab.address("alpha", "one") is None  # as d2lbook: not for pages on top
    assert colab.address("alpha", "chapter/index") is None


def test_when_nothing_is_configured_then_no_tab_has_an_address(tmp_path):
    assert colab_of(tmp_path, "github_repo =").address("alpha", "chapter/one") is None


def test_when_pages_are_excluded_then_only_those(tmp_path):
    patterns = "chapter/o?e.html */deep/**/*.html"
    colab = colab_of(tmp_path, f"github_repo = {GOOD}\nexclusions = {patterns}")
    pages = ["one", "chapter/one", "chapter/ones", "a/deep/b", "a/deep/b/c", "deep/b"]
    open_ = [page for page in pages if colab.address("alpha", page)]
    assert open_ == ["one", "chapter/ones", "deep/b"]


def test_when_the_branch_has_another_name_then_addresses_have_it(tmp_path):
    text = f"github_repo = {GOOD}\n[bookkit]\ncolab_branch = main"
    address = colab_of(tmp_path, text).address("alpha", "chapter/one")
    assert address is not None and "/blob/main/chapter/one.ipynb" in address


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("some-one/book", "`some-one/book`"),
        ("alpha, book\n    beta, some-one/b", "`alpha, book`"),
        (
            "alpha, https://github.com/some-one/book",
            "`alpha, https://github.com/some-one/book`",
        ),
        ("\n    alpha, some-one/a\n    beta, some-one/b", "``"),
    ],
)
def test_when_a_line_is_no_repository_of_a_tab_then_it_is_shown(tmp_path, value, found):
    message = fail(tmp_path, f"{TABS}[colab]\ngithub_repo = {value}\n")
    expected = "  expected: a line `tab, owner/repository` for each of alpha, beta"
    first, second = message.splitlines()
    assert first == f"config.ini:4: {found}"
    assert second.startswith(expected)
    with pytest.raises((KeyError, IndexError, AssertionError)):
        repositories, _ = parse_repo_lib(value.replace("    ", ""), "", "1")
        assert all(repositories[tab].count("/") == 1 for tab in ("alpha", "beta"))


@pytest.mark.parametrize(
    ("value", "found", "hint"),
    [
        ("alfa, some-one/a", "a repository for `alfa`", "perhaps `alpha`; each of "),
        ("alpha, o/a\n    alpha, o/b", "a repository for `alpha`", "each of "),
        ("alpha, some-one/a", "no repository for beta", "one for each tab, or none"),
    ],
)
def test_when_tabs_do_not_match_then_the_reason_is_given(tmp_path, value, found, hint):
    message = fail(tmp_path, f"{TABS}[colab]\ngithub_repo = {value}\n")
    first, second = message.splitlines()
    assert first == f"config.ini:4: {found}"
    assert second.startswith(f"  expected: {hint}")


@pytest.mark.parametrize("branch", ["feature/new", "two words", ""])
def test_when_the_branch_cannot_stand_in_an_address_then_it_is_shown(tmp_path, branch):
    message = fail(tmp_path, f"{TABS}[bookkit]\ncolab_branch = {branch}\n")
    assert message.splitlines()[0] == f"config.ini:4: colab_branch = {branch!r}"
