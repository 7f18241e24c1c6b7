"""Small books whose cells misbehave, run by the real command line."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bookkit.book.config import load
from bookkit.kernels import kernelspecs
from bookkit.kernels.environments import environment_of

ROOT = Path(__file__).resolve().parents[1]
#: Any environment of the real book will do: these cells need no framework.
BORROWED = next(
    (
        tab.name
        for tab in reversed(load(ROOT).all_tabs)
        if environment_of(tab).state() == "fresh"
    ),
    "none: run `make`",
)
CONFIG = """\
[project]
name = faulty
title = Faulty
lang = en
[build]
tabs = alpha
notebooks = *.md
[bookkit]
cell_timeout_s = 30
notebook_timeout_s = 60
cell_output_limit_kb = 64
cell_picture_limit_kb = 800
[bookkit-alpha]
title = Alpha
"""
#: A book whose pages can be built as well.
SITE_CONFIG = CONFIG.replace(
    "[bookkit]\n",
    """\
warning_is_error = True
sphinx_extensions = bookkit.site.extension
sphinx_configs =
    extensions = [n for n in extensions if n not in ('recommonmark',
        'sphinxcontrib.rsvgconverter', 'sphinxcontrib.bibtex')]
    html_theme = 'furo'
    html_theme_options = {}
    html_math_renderer = 'bookkit'
[bookkit]
""",
)


class Book:
    """A book in a folder of its own, with the environment of a real tab.

    `tabs` have `config` read for them in the place of `alpha`; those `without` an
    environment are in the book all the same.
    """

    def __init__(
        self,
        folder: Path,
        cells: dict[str, str],
        config: str = CONFIG,
        tabs: Sequence[str] = ("alpha",),
        without: Sequence[str] = (),
    ) -> None:
        self.root = folder
        self.tag = ", ".join(tabs)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.ini").write_text(with_tabs(config, tabs))
        (folder / "index.md").write_text(
            "# Faulty\n\n```toc\n" + "\n".join(cells) + "\n```\n"
        )
        for name, code in cells.items():
            self.write(name, code)
        (folder / ".envs" / "build").mkdir(parents=True)
        (folder / "envs").mkdir()
        for tab in tabs:
            lock = folder / "envs" / f"{tab}.txt"
            shutil.copyfile(ROOT / "envs" / f"{BORROWED}.txt", lock)
            if tab not in without:
                (folder / ".envs" / tab).symlink_to(ROOT / ".envs" / BORROWED)
        kernelspecs.write_all(load(folder))

    def write(self, name: str, code: str) -> None:
        """Write a section; `---` parts its cells."""
        cells = "\n\n".join(
            f"```{{.python .input}}\n#@tab {self.tag}\n{cell.strip()}\n```"
            for cell in code.split("---")
        )
        text = f"# {name}\n\nWords.\n\n{cells}\n"
        (self.root / f"{name}.md").write_text(text, encoding="utf-8")

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start `bookkit ARGUMENTS` on the book in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "bookkit", "--root", str(self.root), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **variables},
            start_new_session=True,
            preexec_fn=hear_interrupts,
        )

    def bookkit(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run `bookkit ARGUMENTS`; return exit code and output."""
        process = self.start(*arguments, **variables)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def passes(self, *arguments: str, **variables: str) -> str:
        """Run `bookkit ARGUMENTS`, which must succeed; return the output."""
        status, output = self.bookkit(*arguments, **variables)
        assert status == 0, output
        return output


def told(output: str) -> dict[str, Any]:
    """Return the document that `--json` wrote behind what is for people."""
    begin = re.search(r"^\{$", output, re.M)
    assert begin, output
    document: dict[str, Any] = json.loads(output[begin.start() :])
    return document


def own_environment(book: Book) -> Path:
    """Give the book an environment that packages can be installed into."""
    made = book.root / ".envs" / "alpha"
    real = made.resolve()
    made.unlink()
    (packages,) = real.glob("lib/python*/site-packages")
    target = made / packages.relative_to(real)
    target.mkdir(parents=True)
    for source, folder in ((real, made), (packages, target)):
        for entry in source.iterdir():
            if entry.name not in ("lib", "lib64", "bookkit.json"):
                (folder / entry.name).symlink_to(entry)
    record = (real / "bookkit.json").read_text()
    (made / "bookkit.json").write_text(record.replace(str(real), str(made)))
    return made


def with_tabs(config: str, tabs: Sequence[str]) -> str:
    config = config.replace("tabs = alpha", f"tabs = {', '.join(tabs)}")
    own = "[bookkit-alpha]\ntitle = Alpha\n"
    each = "".join(f"[bookkit-{tab}]\ntitle = {tab.title()}\n" for tab in tabs)
    return config.replace(own, each)


def processes_with(text: str) -> list[int]:
    """List running processes whose command line or environment holds `text`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            known = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if text.encode() in known and state != "Z":
            found.append(int(entry.name))
    return found


def wait_until(condition: object, seconds: float) -> bool:
    """Poll until `condition()` is true; False when it never was."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def hear_interrupts() -> None:
    """Undo what a shell does to its background jobs: they would ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupt(process: subprocess.Popen[str]) -> None:
    """Do what Ctrl-C in a terminal does: signal the whole foreground group."""
    os.killpg(process.pid, signal.SIGINT)
