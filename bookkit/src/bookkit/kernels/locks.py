"""Renew lock files: for all platforms, with hashes, from what is asked for by hand.

`envs/TAB.in` names a few packages. Three kinds of its comments are for us:
`# override: name==1.0 …` stands above what packages require of each other,
`# exclude: name …` is never installed, and `# builds: name` has one build for CPUs and
others for each CUDA, so it is locked without hashes and without what CUDA needs.
PyTorch's names are torch, torchvision and torchaudio.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from bookkit.book.commands import to_run
from bookkit.book.config import Config
from bookkit.errors import EnvironmentFailure, explain
from bookkit.files import write_whole
from bookkit.kernels.environments import BUILD
from bookkit.kernels.uv import Uv

_HASHES = r"( \\\n    --hash=\S+)*"
_OF_THIS_MACHINE = ("extra-index-url", "find-links", "constraint")


def renew(config: Config, newest: bool = False) -> list[Path]:
    """Write the locks of the selected tabs, and of the build where the book has one.

    `newest` drops every pin but those of frozen frameworks.

    Raises:
        EnvironmentFailure: nothing says what a tab needs, or uv finds no versions that
            fit together.
    """
    # These may have a wheel for this machine alone, and its hash would be the only one
    uv = Uv(config.environments.absolute() / ".uv", without=_OF_THIS_MACHINE)
    tabs = [tab.lock for tab in config.tabs if not (newest and tab.frozen)]
    build = config.locks / f"{BUILD}.txt"
    locks = [*([build] if build.with_suffix(".in").exists() else []), *tabs]
    for lock in locks:
        write_whole(lock, _resolve(uv, lock, newest, config.pythons[0]))
    return locks


def _resolve(uv: Uv, lock: Path, newest: bool, python: str) -> str:
    """Return the text of a lock; versions it has already stay where they can."""
    wish = lock.with_suffix(".in")
    if not wish.exists():
        expected = "a line for each package that cells of the tab import, and ipykernel"
        text = explain(str(wish), "no such file", expected, "bookkit adopt")
        raise EnvironmentFailure(text)
    asked = wish.read_text(encoding="utf-8")
    marks = dict.fromkeys(("override", "exclude", "builds"), "")
    for mark, words in re.findall(r"^# (override|exclude|builds): (.*)$", asked, re.M):
        marks[mark] += "\n".join(words.split()) + "\n"
    if newest:
        asked = re.sub(r"==[\w.]+", "", asked)
        marks["override"] = re.sub(r"==[\w.]+", "", marks["override"])
    with tempfile.TemporaryDirectory(prefix=f"lock-{lock.stem}-") as folder:
        place = Path(folder)
        out = place / "lock.txt"
        for mark, words in {**marks, "asked.in": asked}.items():
            (place / mark).write_text(words, encoding="utf-8")
        if lock.exists() and not newest:
            # uv would take over hashes, too, though an index may have more files by now
            pins = re.sub(rf"{_HASHES}$", "", lock.read_text("utf-8"), flags=re.M)
            out.write_text(pins, encoding="utf-8")
        error = uv(
            place / "log",
            *"pip compile -q --universal --generate-hashes --no-header".split(),
            *("--no-annotate", "--python-version", python, place / "asked.in"),
            *("--overrides", place / "override", "--excludes", place / "exclude"),
            *("-o", out),
        )
        if error:
            found = f"uv failed\n    {error}"
            raise EnvironmentFailure(
                explain(f"lock {lock.stem}", found, "", to_run(lock, "lock"))
            )
        text = out.read_text(encoding="utf-8")
    for bare in marks["builds"].split():
        text = re.sub(rf"^({bare}==[^\\\n]*?){_HASHES}$", r"\1", text, flags=re.M)
        of_cuda = rf"^(cuda|nvidia|triton)\b[^\\\n]*{_HASHES}\n"
        text = re.sub(of_cuda, "", text, flags=re.M)
    made_by = to_run(lock, "lock")
    return f"# Made by `{made_by}` from {lock.stem}.in; edit that.\n{text}"
