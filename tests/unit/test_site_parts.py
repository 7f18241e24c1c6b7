"""Parts of the site's builder that no page shows: one pandoc, mirrored trees."""

import subprocess
from pathlib import Path

from nbconvert.filters import pandoc as filters

from bookkit.site import pandoc_process
from bookkit.site.convert import pandoc_in_path
from bookkit.site.pandoc_process import PandocProcess, one_pandoc
from bookkit.site.trees import mirror


def test_when_a_folder_is_mirrored_then_only_differences_are_touched(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in {"a": "1", "b/c": "2", "b/d": "3", "no": "x"}.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    target.mkdir()
    (target / "a").write_text("1")
    (target / "old").mkdir()
    (target / "old" / "e").write_text("gone")
    before = (target / "a").stat().st_mtime_ns
    changed = mirror(source, target, lambda path: path.name != "no")
    assert changed == [Path("b/c"), Path("b/d")]
    assert (target / "a").stat().st_mtime_ns == before
    found = sorted(p.relative_to(target).as_posix() for p in target.rglob("*"))
    assert found == ["a", "b", "b/c", "b/d"]


TEXTS = (
    "a *b* $x^2$ `c` 中文，“引号” -- dash...",
    "a\tb\n\n\tcode\n",
    "- a\n- b\n\n  - c\n\n1. d\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "text[^1]\n\n[^1]: note",
    "$$x\n=1$$\n\n![图](../img/a.svg)\n:label:`fig`",
    "<div>raw</div>\n\n<!-- comment -->",
    "```{.python .input n=3}\nx\n```",
    "\r\nlines\r\nof Windows\r\n",
    "#",
    "\\",
    "",
    "长" * 200 + " " + "a" * 300 + " b" * 80,
)


def plain_pandoc(text: str) -> str:
    with pandoc_in_path():
        command = ["pandoc", "-f", "markdown", "-t", "rst"]
        done = subprocess.run(command, input=text.encode(), capture_output=True)
    return done.stdout.decode().rstrip("\n")


def test_when_one_pandoc_converts_many_texts_then_each_is_as_from_its_own():
    running = PandocProcess()
    with pandoc_in_path():
        made = [running.convert(text, "markdown", "rst") for text in TEXTS]
    running.close()
    assert made == [plain_pandoc(text) for text in TEXTS]


def test_when_pandoc_does_not_know_a_format_then_it_goes_on_with_the_next():
    running = PandocProcess()
    with pandoc_in_path():
        assert running.convert("*a*", "no such format", "rst") is None
        assert running.convert("*a*", "markdown", "rst") == "*a*"
    running.close()


def test_when_the_running_pandoc_is_killed_then_it_is_asked_the_usual_way() -> None:
    with pandoc_in_path(), one_pandoc():
        assert filters.convert_pandoc("*a*", "markdown", "rst") == "*a*"
        process = pandoc_process._running._process
        assert process is not None
        process.kill()
        process.wait()
        assert filters.convert_pandoc("*b*", "markdown", "rst") == "*b*"
        assert filters.convert_pandoc("*c*", "markdown", "rst") == "*c*"
    pandoc_process._running = PandocProcess()


def test_when_a_pandoc_has_no_lua_then_that_is_found_out_once(tmp_path, monkeypatch):
    old = tmp_path / "pandoc"
    old.write_text(f"#!/bin/sh\necho started >> {tmp_path}/starts\nexit 1\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    running = PandocProcess()
    for _ in range(3):
        assert running.convert("*a*", "markdown", "rst") is None
    assert (tmp_path / "starts").read_text() == "started\n"
