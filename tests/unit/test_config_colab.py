"""Repositories and services: what plain d2lbook takes, and what it would stop at."""

from pathlib import Path
from typing import Any

import pytest
from d2lbook.colab import parse_repo_lib
from test_config_messages import fail

from bookkit.book import config as configuration
from bookkit.book.config.services import links

TABS = "[build]\ntabs = alpha, beta\n"
GOOD = "alpha, some-one/book.a\n    beta, some-one/book_b"


def colab_of(root: Path, text: str) -> Any:
    (root / "config.ini").write_text(f"{TABS}[colab]\n{text}\n", encoding="utf-8")
    return configuration.load(root).colab


def opened(
    root: Path, text: str, tab: str = "alpha", page: str = "chapter/one", files=False
) -> dict[str, str]:
    """Return what opens a page, by name, with this configuration."""
    colab = colab_of(root, text)
    services = configuration.load(root).tab(tab).services
    return dict(links(services, colab, tab, page, files))


def test_when_configured_then_each_tab_has_the_address_that_d2lbook_makes(tmp_path):
    text = f"github_repo = {GOOD}\n[bookkit]\ncolab_branch = master"
    theirs, _ = parse_repo_lib(GOOD.replace("    ", ""), "", "1")
    assert colab_of(tmp_path, text).repositories == theirs
    site = "https://colab.research.google.com/github"
    assert opened(tmp_path, text, "beta") == {
        "Colab": f"{site}/some-one/book_b/blob/master/chapter/one.ipynb"
    }
    assert opened(tmp_path, text, page="章/一") == {
        "Colab": f"{site}/some-one/book.a/blob/master/%E7%AB%A0/%E4%B8%80.ipynb"
    }
    # As d2lbook: not for pages on top
    assert opened(tmp_path, text, page="one") == {}
    assert opened(tmp_path, text, page="chapter/index") == {}


def test_when_nothing_is_configured_then_nothing_opens_a_page(tmp_path):
    assert opened(tmp_path, "github_repo =") == {}


def test_when_a_book_without_tabs_names_one_repository_then_it_is_taken(tmp_path):
    (tmp_path / "config.ini").write_text("[colab]\ngithub_repo = some-one/book\n")
    assert configuration.load(tmp_path).colab.repositories == {
        "python": "some-one/book"
    }


def test_when_pages_are_excluded_then_only_those(tmp_path):
    patterns = "chapter/o?e.html */deep/**/*.html"
    text = f"github_repo = {GOOD}\nexclusions = {patterns}"
    pages = ["one", "chapter/one", "chapter/ones", "a/deep/b", "a/deep/b/c", "deep/b"]
    open_ = [page for page in pages if opened(tmp_path, text, page=page)]
    assert open_ == ["one", "chapter/ones", "deep/b"]


def test_when_tabs_share_a_repository_then_each_has_a_folder_in_it(tmp_path):
    text = "github_repo = alpha, some-one/book\n    beta, some-one/book"
    (address,) = opened(tmp_path, text).values()
    assert address.endswith("/some-one/book/blob/main/alpha/chapter/one.ipynb")


ALL = """[bookkit-alpha]
services = colab, kaggle dsw
    binder
    校内 JupyterHub: https://hub.example.org/open?path={path}&from={repository}
    Ours https://ours.example.org/{path}
"""


def test_when_services_are_listed_then_each_opens_the_page(tmp_path):
    text = f"github_repo = {GOOD}\n{ALL}"
    file = "https://github.com/some-one/book.a/blob/main/chapter/one.ipynb"
    of_us = {"Ours": "https://ours.example.org/chapter/one.ipynb"}
    with_files = {
        "Binder": "https://mybinder.org/v2/gh/some-one/book.a/main"
        "?labpath=chapter/one.ipynb",
        "校内 JupyterHub": "https://hub.example.org/open?path=chapter/one.ipynb"
        "&from=some-one/book.a",
        **of_us,
    }
    assert opened(tmp_path, text) == {
        "Colab": "https://colab.research.google.com/github/some-one/book.a"
        "/blob/main/chapter/one.ipynb",
        "Kaggle": f"https://kaggle.com/kernels/welcome?src={file}",
        "PAI-DSW": f"https://gallery.pai-ml.com/#/import/{file}",
        **with_files,
    }
    # What opens a notebook alone has not the files that it needs
    assert opened(tmp_path, text, files=True) == with_files
    # Nothing is published: what needs no repository stays
    assert opened(tmp_path, ALL.replace("[bookkit", "github_repo =\n[bookkit")) == of_us


def test_when_a_tab_runs_nowhere_else_then_it_says_so_by_an_empty_list(tmp_path):
    text = f"github_repo = {GOOD}\n[bookkit-alpha]\nservices ="
    assert opened(tmp_path, text) == {}
    assert list(opened(tmp_path, text, "beta")) == ["Colab"]


@pytest.mark.parametrize(
    ("value", "found", "expected"),
    [
        ("colab, kagle", "`kagle`", "perhaps `kaggle`; colab, kaggle, dsw, binder, or"),
        (
            "hub",
            "`hub`",
            "colab, kaggle, dsw, binder, or a line `NAME https://…/{path}`",
        ),
        ("Hub https://a.org/x", "`Hub https://a.org/x`", "a line `NAME https://"),
        ("https://a.org/{path}", "` https://a.org/{path}`", "a line `NAME https://"),
        ("Hub ftp://a.org/{path}", "`Hub ftp://a.org/{path}`", "a line `NAME https://"),
        (
            "Hub https://a.org/{paht}",
            "`{paht}` in https://a.org/{paht}",
            "perhaps `path`; one of repository, branch, path",
        ),
    ],
)
def test_when_a_service_is_not_known_then_the_nearest_is_named(
    tmp_path, value, found, expected
):
    message = fail(tmp_path, f"{TABS}[bookkit-alpha]\nservices = {value}\n")
    first, second = message.splitlines()
    assert first == f"config.ini:4: {found}"
    assert second.startswith(f"  expected: {expected}")


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
