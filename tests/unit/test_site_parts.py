"""Folders of a site: where Sphinx looks, and what is mirrored where it differs."""

import os
import subprocess
import sys
from pathlib import Path

from small_books import write_book

from bookkit.site.defaults import conf_text
from bookkit.site.trees import mirror

#: Runs a module of ours, then says which folders were listed.
LISTING = """
import os, runpy, sys
listed = []
sys.addaudithook(
    lambda event, told: listed.append(os.fspath(told[0] or "."))
    if event in ("os.scandir", "os.listdir") else None
)
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
finally:
    print("LISTED", *listed, sep="\\n")
"""


def test_when_sphinx_gets_ready_for_a_new_book_then_no_environment_is_searched(
    tmp_path,
):
    root = tmp_path / "book"
    inner = {f".envs/alpha/lib/{name}/module.md": "" for name in "abc"}
    config = write_book(root, {"one.md": "# One\n", **inner})
    conf = root / "_build" / "sphinx"
    conf.mkdir(parents=True)
    (conf / "conf.py").write_text(conf_text(config), "utf-8")
    words = [str(os.getpid()), "-b", "html", "-c", str(conf), "-E", "-a"]
    words += ["-d", str(tmp_path / "doctrees"), str(root), str(tmp_path / "html")]
    module = "bookkit.site.sphinx_process"
    ended = subprocess.run(
        [sys.executable, "-c", LISTING, module, *words],
        input="",  # it gets ready, and is never told to begin
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    listed = ended.stdout.partition("LISTED\n")[2].splitlines()
    assert str(root) in listed, ended.stdout
    assert [one for one in listed if ".envs" in Path(one).parts[-4:]] == []


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
