"""`config.ini`: what it accepts, and what it says about the rest."""

from __future__ import annotations

import configparser
from pathlib import Path

import d2lbook
import pytest
from small_books import CONFIG, write_book

from bookkit.book import config as configuration
from bookkit.book.config.keys import D2LBOOK_KEYS
from bookkit.errors import ConfigError, UsageError


def fail(root: Path, text: str) -> str:
    """Load a book with this configuration and return what is said, without root."""
    (root / "config.ini").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        configuration.load(root)
    assert caught.value.exit_code == 2
    return str(caught.value).replace(f"{root}/", "")


def test_the_known_keys_are_those_of_d2lbook_itself() -> None:
    parser = configparser.ConfigParser()
    parser.read(Path(d2lbook.__file__).parent / "config_default.ini", encoding="utf-8")
    theirs = {name: set(parser[name]) for name in parser.sections()}
    theirs["build"].add("html_dir")  # read by its config.py, missing from its defaults
    assert {name: set(keys) for name, keys in D2LBOOK_KEYS.items()} == theirs


def test_when_a_key_is_misspelt_then_the_nearest_is_named(tmp_path: Path) -> None:
    message = fail(tmp_path, "[build]\ntabs = alpha\nnotebook = *.md\n")
    first, second = message.splitlines()
    assert first == "config.ini:3: unknown key in [build] `notebook`"
    assert second.startswith("  expected: perhaps `notebooks`; known: dependencies, ")


def test_when_a_section_is_misspelt_then_the_nearest_is_named(tmp_path: Path) -> None:
    message = fail(tmp_path, "[build]\ntabs = alpha\n\n[bookit]\n")
    assert message.splitlines()[0] == "config.ini:4: unknown section `bookit`"
    assert "perhaps `bookkit`; " in message


def test_when_a_section_is_for_no_tab_then_it_is_unknown(tmp_path: Path) -> None:
    message = fail(tmp_path, "[build]\ntabs = alpha\n[bookkit-beta]\ntitle = B\n")
    assert message.splitlines()[0] == "config.ini:3: unknown section `bookkit-beta`"


def test_when_our_own_key_is_misspelt_then_its_line_is_named(tmp_path: Path) -> None:
    text = "[build]\ntabs = alpha\n[bookkit]\ncell_timeout = 3\n"
    assert fail(tmp_path, text) == (
        "config.ini:4: unknown key in [bookkit] `cell_timeout`\n"
        "  expected: perhaps `cell_timeout_s`; known: cell_output_limit_kb, "
        "cell_timeout_s, colab_branch, environments, locks, notebook_timeout_s, "
        "pythons, slow_notebook_s, store, store_options, store_timeout_s, store_write"
    )


@pytest.mark.parametrize("value", ["/kept", "../kept", "kept/../..", "."])
def test_when_results_are_to_be_kept_elsewhere_then_the_line_is_named(
    tmp_path: Path, value: str
) -> None:
    text = f"[build]\ntabs = alpha\n[bookkit-alpha]\nkept = {value}\n"
    assert fail(tmp_path, text) == (
        f"config.ini:4: kept = {value!r}\n"
        "  expected: a folder of the book, such as kept/mxnet"
    )


def test_when_two_tabs_keep_results_in_one_folder_then_that_is_said(
    tmp_path: Path,
) -> None:
    text = "[build]\ntabs = alpha, beta\n"
    text += "".join(f"[bookkit-{tab}]\nkept = kept\n" for tab in ("alpha", "beta"))
    assert fail(tmp_path, text) == (
        "config.ini:6: [bookkit-alpha] names the same folder\n"
        "  expected: a folder for each tab"
    )


@pytest.mark.parametrize("value", ["zero", "0", "-1", ""])
def test_when_a_limit_is_no_number_above_zero_then_its_line_is_named(
    tmp_path: Path, value: str
) -> None:
    text = f"[build]\ntabs = alpha\n[bookkit]\nnotebook_timeout_s = {value}\n"
    assert fail(tmp_path, text) == (
        f"config.ini:4: notebook_timeout_s = {value!r}\n  expected: a number above 0"
    )


def test_when_a_version_is_none_then_its_line_is_named(tmp_path: Path) -> None:
    text = "[build]\ntabs = alpha\n[bookkit-alpha]\npythons = 3.11, three\n"
    assert fail(tmp_path, text) == (
        "config.ini:4: `three`\n  expected: a version such as 3.11"
    )


def test_when_a_gpu_build_is_told_wrongly_then_its_line_is_named(
    tmp_path: Path,
) -> None:
    text = "[build]\ntabs = alpha\n[bookkit-alpha]\ngpu = alpha-gpu==1\n"
    assert fail(tmp_path, text) == (
        "config.ini:4: `alpha-gpu==1`\n  expected: name -> requirement"
    )


def test_when_no_tab_is_named_then_an_example_is(tmp_path: Path) -> None:
    assert fail(tmp_path, "[build]\ntabs =\n") == (
        "config.ini: [build] tabs: no tab is named\n"
        "  expected: at least one, for example `tabs = pytorch, mxnet`"
    )


def test_when_the_file_is_missing_then_the_next_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        configuration.load(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/config.ini: no such file\n"
        "  expected: the book's folder, which has a config.ini\n"
        "  next: cd to the book, or pass --root FOLDER"
    )


def test_when_the_file_is_no_ini_then_the_parser_s_words_are_kept(
    tmp_path: Path,
) -> None:
    assert "config.ini: cannot be read: File contains no section headers." in (
        fail(tmp_path, "tabs = alpha\n")
    )


def test_when_the_file_is_not_utf8_then_it_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.ini").write_bytes(b"[build]\ntabs = \xff\n")
    with pytest.raises(ConfigError, match="cannot be read: 'utf-8' codec"):
        configuration.load(tmp_path)


def test_when_a_tab_is_asked_for_that_is_not_there_then_the_nearest_is_named(
    tmp_path: Path,
) -> None:
    write_book(tmp_path, {"one.md": "# One\n"})
    with pytest.raises(UsageError) as caught:
        configuration.load(tmp_path, ["betta"])
    assert str(caught.value) == (
        "--tabs: unknown tab `betta`\n  expected: perhaps `beta`; known: alpha, beta"
    )


def test_when_tabs_are_selected_then_the_book_keeps_its_order(tmp_path: Path) -> None:
    write_book(tmp_path, {"one.md": "# One\n"})
    config = configuration.load(tmp_path, ["beta", "alpha"])
    assert [tab.name for tab in config.tabs] == ["alpha", "beta"]
    config = configuration.load(tmp_path, ["beta"])
    assert [tab.name for tab in config.tabs] == ["beta"]
    assert config.tab_names == ("alpha", "beta")
    assert config.default_tab.name == "alpha"


def test_when_a_key_says_nothing_then_the_default_holds(tmp_path: Path) -> None:
    config = write_book(tmp_path, {"one.md": "# One\n"}, CONFIG)
    alpha = config.tab("alpha")
    assert config.cell_timeout_s == 60
    assert config.environments == tmp_path / ".envs"
    assert alpha.lock == tmp_path / "envs" / "alpha.txt"
    assert alpha.library == tmp_path / "small" / "alpha.py"
    assert (alpha.title, alpha.kernel, alpha.frozen) == ("alpha", "small-alpha", False)


def test_when_a_value_has_a_lone_percent_sign_then_that_is_said(tmp_path: Path) -> None:
    message = fail(tmp_path, "[project]\ntitle = 100%\n[build]\ntabs = alpha\n")
    assert message.startswith("config.ini: cannot be read: '%' must be followed by")


def test_when_the_file_is_a_folder_then_it_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.ini").mkdir()
    with pytest.raises(ConfigError, match="config.ini: cannot be read: .* directory"):
        configuration.load(tmp_path)
