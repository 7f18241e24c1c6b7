"""A `config.ini` of d2lbook's without a line of ours: what is used, what is named."""

from pathlib import Path

import pytest
from d2lbook.config import Config as D2lbookConfig
from small_books import INDEX, code, write_book

from bookkit.book import config as configuration
from bookkit.book.config.keys import D2LBOOK_KEYS, WITHOUT_EFFECT
from bookkit.check import check_book


def load(root: Path, text: str) -> configuration.Config:
    return write_book(root, {"one.md": "# One\n"}, text)


def notices(config: configuration.Config) -> list[str]:
    return list(config.notices)


def test_when_d2lbook_would_ignore_a_name_then_it_is_a_notice(tmp_path):
    text = (
        "[build]\ntabs = alpha\ndependences = x.py\n"
        "[translation]\ntranslator_team = us\n"
        "[library-gamma]\nlib_file = x.py\n"
    )
    first, second, third = notices(load(tmp_path, text))
    assert first.startswith(
        "config.ini:3: unknown key in [build] `dependences`\n"
        "  expected: perhaps `dependencies`; known: dependencies, eval_notebook, "
    )
    assert second == (
        "config.ini:5: unknown key in [translation] `translator_team`\n"
        "  expected: perhaps `translator`; known: origin_lang, origin_repo, "
        "terminology, translator"
    )
    assert third.startswith(
        "config.ini:6: unknown section `library-gamma`\n"
        "  expected: perhaps `library-alpha`; known: "
    )


def test_when_a_key_has_no_effect_then_it_is_named_with_what_to_do(tmp_path):
    text = (
        "[project]\nname = x\n[pdf]\n# a font\nmono_font = A\nstyle = cambridge\n"
        "[deploy]\ns3_bucket =\n[slides]\ntop_left = x\n"
    )
    assert notices(load(tmp_path, text)) == [
        "config.ini:5: [pdf] mono_font, style: not used\n"
        "  next: bookkit makes no PDF; plain `d2lbook build pdf` reads them",
        "config.ini:10: [slides] top_left: not used\n"
        "  next: bookkit makes no slides; plain `d2lbook build slides` reads them",
    ]


def test_when_a_key_is_said_to_have_no_effect_then_d2lbook_has_it():
    for section, keys, instead in WITHOUT_EFFECT:
        assert set(keys.split()) <= D2LBOOK_KEYS[section]
        assert instead


def test_when_no_tab_is_named_then_the_book_has_one(tmp_path, monkeypatch):
    text = (
        "[project]\nname = x\n[build]\nnotebooks = *.md\n[bookkit-python]\ntitle = Py\n"
    )
    cell = "```{.python .input}\n1\n```\n"
    config = write_book(tmp_path, {"one.md": f"# One\n\n{cell}"}, text)
    monkeypatch.chdir(tmp_path)
    assert D2lbookConfig().tabs == []
    assert [(tab.name, tab.title) for tab in config.all_tabs] == [("python", "Py")]
    assert check_book(config) == []


def test_when_letters_are_capital_then_d2lbook_does_not_take_them_either(
    tmp_path, monkeypatch
):
    (tmp_path / "config.ini").write_text("[build]\ntabs = PyTorch\n", encoding="utf-8")
    (tmp_path / "index.md").write_text(INDEX, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError):
        D2lbookConfig()


@pytest.mark.parametrize(
    "first", ["# A Book", "#A Book", "\n\n#  A Book  \n# Not this", "A Book"]
)
def test_when_there_is_no_title_then_it_is_that_of_the_first_page(
    tmp_path, first, monkeypatch
):
    write_book(tmp_path, {"index.md": f"{first}\n"}, "[project]\nname = x\n")
    monkeypatch.chdir(tmp_path)
    assert configuration.load(tmp_path).title == "A Book"
    assert D2lbookConfig().project["title"] == "A Book"


def test_when_a_tab_has_no_title_then_readers_see_the_name_of_its_framework(tmp_path):
    config = load(tmp_path, "[build]\ntabs = pytorch, mine\n")
    assert [tab.title for tab in config.tabs] == ["PyTorch", "mine"]


def test_when_links_have_a_comma_at_the_end_then_they_are_read(tmp_path):
    text = "[html]\nheader_links = PDF, https://a.org/x.pdf, fas fa-x,\n"
    text += "    Code, https://a.org, fab fa-y\n"
    assert load(tmp_path, text).pages.links == (
        ("PDF", "https://a.org/x.pdf"),
        ("Code", "https://a.org"),
    )


def test_when_levels_are_given_then_the_last_one_of_a_code_holds(tmp_path):
    levels = load(tmp_path, "[build]\ntabs = alpha\n").levels
    assert (levels["BK112"], levels["BK304"]) == ("style", "error")
    text = "[bookkit]\nlevels = all error, BK112 off\n    BK405 style, BK112 style\n"
    levels = load(tmp_path, text).levels
    assert (levels["BK112"], levels["BK405"]) == ("style", "style")
    assert {levels[code] for code in levels} == {"error", "style"}


def test_when_cells_have_no_tag_then_the_book_is_not_stopped(tmp_path):
    text = "[build]\ntabs = alpha, beta\n"
    cell = "```{.python .input}\n1\n```\n\n"
    config = write_book(
        tmp_path, {"one.md": "# One\n\n" + cell + code("beta", "2")}, text
    )
    levels = {config.levels[finding.code] for finding in check_book(config)}
    assert levels == {"style"}


@pytest.mark.parametrize("elsewhere", [False, True])
def test_when_a_cell_imports_the_books_own_code_then_it_is_sorted_last(
    tmp_path, monkeypatch, elsewhere
):
    """As d2lbook sorts it in the book's folder, wherever the command is called."""
    lines = ("import torch", "import mine")
    text = "# One\n\n" + code("alpha", *lines)
    files: dict[str, str | bytes] = {"one.md": text, "mine/__init__.py": ""}
    book = tmp_path / "book"
    config = write_book(book, files, "[build]\ntabs = alpha\n")
    monkeypatch.chdir(tmp_path if elsewhere else book)
    assert check_book(config) == []


def test_when_a_cell_loads_d2lbooks_tabs_then_it_is_no_cell_of_the_book(tmp_path):
    loader = "```{.python .input}\n%load_ext d2lbook.tab\ntab.select()\n```\n"
    cell = "```{.python .input}\n%%tab beta\n1\n```\n"
    text = f"# One\n\n{loader}\n" + code("alpha, beta", "1") + "Text.\n\n" + cell
    config = write_book(tmp_path, {"one.md": text}, "[build]\ntabs = alpha, beta\n")
    (finding,) = check_book(config)
    assert (finding.code, finding.tab, finding.found) == (
        "BK201",
        "alpha",
        "cell 2 (beta) has no counterpart in alpha",
    )
