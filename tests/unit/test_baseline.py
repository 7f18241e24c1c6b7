"""Levels of findings, and a baseline: what stops a build, and what is only counted."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from small_books import CONFIG, code, write_book

from bookkit import __version__, workflow
from bookkit.book import baseline
from bookkit.book import config as configuration
from bookkit.book.judge import judge
from bookkit.check import check_book
from bookkit.cli import cli
from bookkit.errors import BookFailure, ConfigError, SourceError

BOTH = code("alpha", "1") + code("beta", "2")
PICTURE = "![A box](no.svg)\n\n"
UNTAGGED = "```{.python .input}\n3\n```\n\n"
TEXT = "# One\n\n" + PICTURE + BOTH + "Text.\n\n" + UNTAGGED


def write(root: Path, text: str = TEXT, config: str = CONFIG) -> configuration.Config:
    return write_book(root, {"one.md": text}, config)


def codes(config: configuration.Config) -> list[tuple[str, str]]:
    return [(one.code, one.level) for one in judge(config, check_book(config)).new]


def test_when_a_book_has_errors_and_style_then_errors_alone_stop_it(tmp_path, capsys):
    config = write(tmp_path)
    found = [("BK304", "error"), ("BK112", "style"), ("BK201", "style")]
    assert codes(config) == found
    with pytest.raises(BookFailure) as caught:
        workflow.check(config)
    assert str(caught.value) == "1 error in the sources; nothing was run"
    said = (
        "one.md:3: BK304 the figure `no.svg` does not exist\n  expected: a file no.svg"
    )
    assert caught.value.shown == (said,)
    assert capsys.readouterr().out == (
        f"{said}\nFindings of style: 2 (bookkit check lists them)\n"
    )
    write(tmp_path, TEXT.replace(PICTURE, ""))
    assert [str(one.path) for one in workflow.check(config)] == ["index.md", "one.md"]
    assert (
        capsys.readouterr().out == "Findings of style: 2 (bookkit check lists them)\n"
    )


def test_when_all_is_listed_then_each_finding_says_its_level(tmp_path, capsys):
    workflow.check(write(tmp_path, TEXT.replace(PICTURE, "")), only_errors=False)
    said = capsys.readouterr().out
    assert (
        "one.md:16: BK112 (style) the cell has no tab, so it counts as alpha\n" in said
    )
    assert said.endswith("Findings of style: 2\n")


def test_when_config_ini_names_a_level_then_it_holds(tmp_path):
    config = write(
        tmp_path,
        config=f"{CONFIG}[bookkit]\nlevels = BK112 off, BK201 error, BK304 style",
    )
    assert codes(config) == [("BK304", "style"), ("BK201", "error")]


def test_when_findings_are_in_the_baseline_then_they_are_only_counted(tmp_path, capsys):
    config = write(tmp_path)
    workflow.accept_findings(config)
    lines = (tmp_path / baseline.NAME).read_text("utf-8").splitlines()
    assert lines[1:] == [
        "BK201 1 one.md [beta]: cell N (alpha) has no counterpart in beta",
        "BK112 1 one.md: the cell has no tab, so it counts as alpha",
        "BK304 1 one.md: the figure `no.svg` does not exist",
    ]
    capsys.readouterr()
    workflow.check(config)
    assert capsys.readouterr().out == "Known findings: 3 (check-baseline.txt)\n"


def test_when_lines_move_then_the_baseline_still_holds(tmp_path):
    workflow.accept_findings(write(tmp_path))
    moved = TEXT.replace("# One\n", "# One\n\nMore text.\n\n" + BOTH, 1)
    assert codes(write(tmp_path, moved)) == []


def test_when_a_file_has_more_of_a_kind_then_all_of_that_kind_are_new(tmp_path):
    workflow.accept_findings(write(tmp_path))
    assert (
        codes(write(tmp_path, TEXT + "Text.\n\n" + PICTURE)) == [("BK304", "error")] * 2
    )


def test_when_known_findings_are_gone_then_it_is_said(tmp_path, capsys):
    workflow.accept_findings(write(tmp_path))
    config = write(tmp_path, TEXT.replace(PICTURE, ""))
    capsys.readouterr()
    workflow.check(config)
    assert capsys.readouterr().out.splitlines()[1] == (
        "Known findings that are gone: 1 (next: bookkit check --write-baseline)"
    )


def test_when_a_line_of_the_baseline_is_damaged_then_it_is_shown(tmp_path):
    config = write(tmp_path)
    (tmp_path / baseline.NAME).write_text("# Known\n\n<<<<<<< HEAD\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        workflow.check(config)
    assert str(caught.value) == (
        f"{tmp_path}/check-baseline.txt:3: `<<<<<<< HEAD`\n"
        "  expected: a code, how many, a file and what was found\n"
        "  next: bookkit check --write-baseline"
    )


#: What the file holds, and what is said of it.
DAMAGED = {
    b"# Known\n\xff\n": "{}:2: byte 0xff is not UTF-8",
    b"# Known findings (form 2): \n": "{}:1: form 2, of a newer bookkit than",
    b"BK112 0 one.md: the cell\n": "{}:1: `BK112 0 one.md: the cell`",
    b"BK112 1 one.md\n": "{}:1: `BK112 1 one.md`",
    b"BK112 one.md: the cell\n": "{}:1: `BK112 one.md: the cell`",
}


@pytest.mark.parametrize("content", DAMAGED)
def test_when_the_baseline_is_damaged_then_it_is_said_and_renewed(tmp_path, content):
    config = write(tmp_path)
    path = tmp_path / baseline.NAME
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        workflow.check(config)
    said = str(caught.value)
    assert said.startswith(DAMAGED[content].format(path))
    assert said.endswith(baseline.RENEW)
    workflow.accept_findings(config)
    workflow.check(config)


def test_when_the_baseline_is_a_folder_then_it_is_said(tmp_path):
    config = write(tmp_path)
    (tmp_path / baseline.NAME).mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        workflow.check(config)


def test_when_the_baseline_has_other_line_ends_then_it_is_the_same(tmp_path, capsys):
    config = write(tmp_path)
    workflow.accept_findings(config)
    path = tmp_path / baseline.NAME
    text = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text)
    capsys.readouterr()
    workflow.check(config)
    assert capsys.readouterr().out == "Known findings: 3 (check-baseline.txt)\n"


def test_when_a_file_has_another_name_then_the_baseline_is_to_be_renewed(
    tmp_path, capsys
):
    workflow.accept_findings(write(tmp_path))
    (tmp_path / "one.md").rename(tmp_path / "two.md")
    index = (tmp_path / "index.md").read_text().replace("one", "two")
    (tmp_path / "index.md").write_text(index)
    config = configuration.load(tmp_path)
    capsys.readouterr()
    with pytest.raises(BookFailure):
        workflow.check(config)
    assert (
        "check-baseline.txt:2: known findings of `one.md`, which is no more; "
        "`two.md` has 3 such, which count as new\n"
        "  expected: `two.md` in its place, if that is its new name\n"
        "  next: bookkit check --write-baseline\n"
    ) in capsys.readouterr().out
    workflow.accept_findings(config)
    workflow.check(config)
    assert "no more" not in capsys.readouterr().out


def test_when_a_newer_bookkit_wrote_the_baseline_then_the_rest_holds(tmp_path, capsys):
    config = write(tmp_path)
    workflow.accept_findings(config)
    with (tmp_path / baseline.NAME).open("a") as file:
        file.write("BK999 2 one.md: something new\n")
    capsys.readouterr()
    workflow.check(config)
    assert capsys.readouterr().out == (
        "Known findings: 3 (check-baseline.txt)\n"
        "Known findings that are gone: 2 (next: bookkit check --write-baseline)\n"
        "check-baseline.txt:5: BK999, which is no rule of bookkit "
        f"{__version__}\n"
        "  expected: known findings of this bookkit: a newer one wrote that\n"
        "  next: bookkit check --write-baseline\n"
    )


def test_when_the_command_writes_a_baseline_then_the_next_check_is_clean(tmp_path):
    write(tmp_path)
    command = ["--root", str(tmp_path), "check"]
    run = CliRunner().invoke
    failed = run(cli, command)
    assert isinstance(failed.exception, BookFailure)
    assert run(cli, [*command, "--write-baseline"]).exit_code == 0
    assert run(cli, command).exit_code == 0


def test_when_a_problem_of_saved_code_is_known_then_the_rest_is_saved(tmp_path):
    saved = code("all", "import math")
    saved += code("alpha, beta", "def area(r):  #@save", "    return math.pi * r")
    saved += code("alpha, beta", "print(1)  #@save")
    config = write(tmp_path, f"# One\n\n{saved}")
    with pytest.raises(SourceError, match="BK503 `#@save` on `print"):
        workflow.lib(config)
    workflow.accept_findings(config)
    workflow.lib(config)
    assert "def area(r):" in (tmp_path / "small" / "beta.py").read_text("utf-8")
