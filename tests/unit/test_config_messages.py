"""`config.ini`: what it accepts, and what it says about the rest."""

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


def test_the_known_keys_are_those_of_d2lbook_itself():
    parser = configparser.ConfigParser()
    parser.read(Path(d2lbook.__file__).parent / "config_default.ini", encoding="utf-8")
    theirs = {name: set(parser[name]) for name in parser.sections()}
    theirs["build"].add("html_dir")  # read by its config.py, missing from its defaults
    assert {name: set(keys) for name, keys in D2LBOOK_KEYS.items()} == theirs


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (
            "[build]\ntabs = alpha\n[bookkit-alpha]\ntitel = A\n",
            "config.ini:4: unknown key in [bookkit-alpha] `titel`",
            "perhaps `title`; known: compile, ",
        ),
        (
            "[build]\ntabs = alpha\n\n[bookit]\n",
            "config.ini:4: unknown section `bookit`",
            "perhaps `bookkit`; ",
        ),
        (
            "[build]\ntabs = alpha\n[bookkit-beta]\ntitle = B\n",
            "config.ini:3: unknown section `bookkit-beta`",
            "",
        ),
    ],
)
def test_when_a_name_is_misspelt_then_the_nearest_is_named(
    tmp_path, text, line, expected
):
    first, second = fail(tmp_path, text).splitlines()
    assert first == line
    assert second.startswith(f"  expected: {expected}")


TABS = "[build]\ntabs = alpha\n"
MESSAGES = {
    f"{TABS}[bookkit]\ncell_timeout = 3\n": (
        "config.ini:4: unknown key in [bookkit] `cell_timeout`\n"
        "  expected: perhaps `cell_timeout_s`; known: allow_errors, "
        "cell_output_limit_kb, cell_picture_limit_kb, cell_timeout_s, "
        "colab_branch, deprecations, downloads, "
        "environments, issues, levels, live_idle_s, live_kernels, "
        "live_kernels_per_reader, live_memory_mb, live_output_kb, locks, no_run, "
        "notebook_timeout_s, pythons, repository, share_image, site, "
        "slow_notebook_s, solutions, store, store_options, store_timeout_s, "
        "store_write, synonyms"
    ),
    f"{TABS}[bookkit]\nno_run = one.md beta:two.md\n": (
        "config.ini:4: `beta:two.md`\n"
        "  expected: a section, or one of alpha and `:` before it"
    ),
    f"{TABS}[bookkit]\ndeprecations = ignore\n": (
        "config.ini:4: `ignore`\n  expected: show, style or error, or a kind of "
        "warning before one of them: `error, FutureWarning show`"
    ),
    f"{TABS}[bookkit-alpha]\nrun = never\n": (
        "config.ini:4: run = 'never'\n  expected: true or false"
    ),
    f"{TABS}eval_notebook = no\n": (
        "config.ini:3: eval_notebook = 'no'\n  expected: true or false"
    ),
    **{
        f"{TABS}[bookkit-alpha]\nkept = {value}\n": (
            f"config.ini:4: kept = {value!r}\n"
            "  expected: a folder of the book, such as kept/mxnet"
        )
        for value in ("/kept", "../kept", "kept/../..", ".")
    },
    "[build]\ntabs = alpha, beta\n"
    "[bookkit-alpha]\nkept = kept\n[bookkit-beta]\nkept = kept\n": (
        "config.ini:6: [bookkit-alpha] names the same folder\n"
        "  expected: a folder for each tab"
    ),
    **{
        f"{TABS}[bookkit]\nnotebook_timeout_s = {value}\n": (
            f"config.ini:4: notebook_timeout_s = {value!r}\n"
            "  expected: a number above 0"
        )
        for value in ("zero", "0", "-1", "")
    },
    f"{TABS}[bookkit]\nsite = example.org/book\n": (
        "config.ini:4: site = 'example.org/book'\n"
        "  expected: an address such as https://example.org/book"
    ),
    f"{TABS}[bookkit]\nrepository = git@github.com:owner/book\n": (
        "config.ini:4: repository = 'git@github.com:owner/book'\n"
        "  expected: an address such as https://github.com/owner/book"
    ),
    **{
        f"{TABS}[bookkit]\nissues = {value}\n": (
            f"config.ini:4: issues = {value!r}\n"
            "  expected: an address such as "
            "https://github.com/owner/name/issues/new?title={title}&body={body}"
        )
        for value in ("https://example.org/", "{title}{body}", "https://e.org/{x}")
    },
    f"{TABS}[bookkit-alpha]\npythons = 3.11, three\n": (
        "config.ini:4: `three`\n  expected: a version such as 3.11"
    ),
    f"{TABS}[bookkit-alpha]\ngpu = alpha-gpu==1\n": (
        "config.ini:4: `alpha-gpu==1`\n  expected: name -> requirement"
    ),
    "[build]\ntabs = alpha, PyTorch\n": (
        "config.ini:2: tab `PyTorch`\n"
        "  expected: small letters, digits, `-` and `_`; neither all nor build\n"
        "  next: tabs = alpha, pytorch; what readers see is `title` in "
        "[bookkit-pytorch]"
    ),
    **{
        f"[build]\ntabs = {name}\n": (
            f"config.ini:2: tab `{name}`\n"
            "  expected: small letters, digits, `-` and `_`; neither all nor build"
        )
        for name in ("all", "build", "c++", "../x", "飞桨")
    },
    "[build]\ntabs = alpha, beta, alpha\n": (
        "config.ini:2: `alpha` twice\n  expected: each tab once"
    ),
    **{
        f"{TABS}output_dir = {value}\n": (
            f"config.ini:3: output_dir = {value!r}: the book lies in it\n"
            "  expected: a folder of its own, such as _build"
        )
        for value in (".", "..", "one/..", "/")
    },
    **{
        f"{TABS}[bookkit]\nenvironments = {value}\n": (
            f"config.ini:4: environments = {value!r}: the book lies in it\n"
            "  expected: a folder of its own, such as .envs"
        )
        for value in (".", "..")
    },
    **{
        f"{TABS}{key} = {value}\n": (
            f"config.ini:3: {key}: `{value}`\n"
            "  expected: a path from the book's folder to what lies in it"
        )
        for key, value in (
            ("resources", "../../outside"),
            ("dependencies", "/etc/passwd"),
            ("notebooks", "../*.md"),
        )
    },
    **{
        f"{TABS}[library-alpha]\nlib_file = {value}\n": (
            f"config.ini:4: lib_file = {value!r}\n  expected: a Python module of the "
            "book, such as d2l/torch.py: it is overwritten"
        )
        for value in ("one.md", "../d2l/torch.py", "/tmp/torch.py")
    },
    f"{TABS}source_dir = text\n": (
        "config.ini:3: source_dir = 'text'\n"
        "  expected: the folder that config.ini lies in\n"
        "  next: move config.ini there"
    ),
    f"{TABS}[html]\nheader_links = PDF, a.pdf, icon,\n  GitHub\n": (
        "config.ini:4: `GitHub`\n  expected: a line `name, address, icon` for each link"
    ),
    f"{TABS}[html]\nheader_links = PDF, JavaScript:x(), icon,\n": (
        "config.ini:4: `JavaScript:x()`\n"
        "  expected: the address of a page, such as https://example.org"
    ),
    f"{TABS}[bookkit]\nsynonyms = gone.txt\n": (
        "config.ini:4: synonyms = 'gone.txt'\n  expected: a text file in UTF-8"
    ),
    f"{TABS}[bookkit]\nlevels = BK112 of\n": (
        "config.ini:4: `BK112 of`\n  expected: perhaps `off`; a code, or all, "
        "and one of error, style, off: `BK112 off`"
    ),
    f"{TABS}[bookkit]\nlevels = BK405 off,\n  BK412 error\n": (
        "config.ini:4: `BK412 error`\n  expected: perhaps `BK402`; a code, or all, "
        "and one of error, style, off: `BK112 off`"
    ),
}


@pytest.mark.parametrize("text", MESSAGES)
def test_when_a_value_is_wrong_then_it_is_said_word_for_word(tmp_path, text):
    assert fail(tmp_path, text) == MESSAGES[text]


def test_when_the_file_is_missing_then_the_next_step_is_named(tmp_path):
    with pytest.raises(ConfigError) as caught:
        configuration.load(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/config.ini: no such file\n"
        "  expected: the book's folder, which has a config.ini\n"
        "  next: cd to the book, or pass --root FOLDER"
    )


def test_when_a_tab_is_asked_for_that_is_not_there_then_the_nearest_is_named(tmp_path):
    write_book(tmp_path, {"one.md": "# One\n"})
    with pytest.raises(UsageError) as caught:
        configuration.load(tmp_path, ["betta"])
    assert str(caught.value) == (
        "--tabs: unknown tab `betta`\n  expected: perhaps `beta`; known: alpha, beta"
    )


def test_when_tabs_are_selected_then_the_book_keeps_its_order(tmp_path):
    write_book(tmp_path, {"one.md": "# One\n"})
    config = configuration.load(tmp_path, ["beta", "alpha"])
    assert [tab.name for tab in config.tabs] == ["alpha", "beta"]
    config = configuration.load(tmp_path, ["beta"])
    assert [tab.name for tab in config.tabs] == ["beta"]
    assert config.tab_names == ("alpha", "beta")
    assert config.default_tab.name == "alpha"


def test_when_a_key_says_nothing_then_the_default_holds(tmp_path):
    config = write_book(tmp_path, {"one.md": "# One\n"}, CONFIG)
    alpha = config.tab("alpha")
    assert config.cell_timeout_s == 20 * 60  # as long as d2lbook waits
    assert config.environments == tmp_path / ".envs"
    assert alpha.lock == tmp_path / "envs" / "alpha.txt"
    assert alpha.library == tmp_path / "small" / "alpha.py"
    assert (alpha.title, alpha.kernel, alpha.frozen) == ("alpha", "small-alpha", False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"tabs = alpha\n", "File contains no section headers."),
        (b"[build]\ntabs = \xff\n", "'utf-8' codec"),
        (b"[project]\ntitle = 100%\n", "'%' must be followed by"),
        (None, ".* directory"),
    ],
)
def test_when_the_file_cannot_be_read_then_the_reason_is_given(tmp_path, content, said):
    path = tmp_path / "config.ini"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"config.ini: cannot be read: {said}"):
        configuration.load(tmp_path)
