"""The book for plain d2lbook: its sources, and beside them what its cells gave.

d2lbook runs a notebook whose file is missing or older than its section. All of them
are there, so it runs none, and needs no environment that has every framework.
"""

from __future__ import annotations

import copy
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bookkit.book.config import Config
from bookkit.book.inputs import input_files
from bookkit.book.solutions import reader_notebook_of
from bookkit.book.source import Section
from bookkit.errors import BookFailure, explain
from bookkit.kernels import programs

#: What reStructuredText may take for markup.
_MARKUP = re.compile(r"[`*_|\\]")


def write_book(
    config: Config,
    sections: Sequence[Section],
    executed: Mapping[str, Mapping[str, Any | None]],
    folder: Path,
) -> None:
    """Write a copy of the book to `folder`, with the notebooks of its tabs."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in _copied(config):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(config.root / name, target)
    for tab in config.all_tabs:
        found = executed.get(tab.name, {})
        for section in sections:
            ran = found.get(str(section.path))
            path = eval_dir(config, tab.name, folder) / section.path
            path.parent.mkdir(parents=True, exist_ok=True)
            # An empty file tells d2lbook that the section has no such tab
            text = _text(reader_notebook_of(section, ran)) if ran else ""
            path.with_suffix(".ipynb").write_text(text, encoding="utf-8")


def eval_dir(config: Config, tab: str, folder: Path) -> Path:
    """Return where d2lbook looks for the notebooks of a tab."""
    name = "eval" if tab == config.all_tabs[0].name else f"eval_{tab}"
    return folder / config.output.relative_to(config.root) / name


def _copied(config: Config) -> Iterator[str]:
    """Yield what d2lbook may read; to it a solution would be a section."""
    for name in sorted(input_files(config)):
        path = Path(name)
        is_solution = config.solutions and path.is_relative_to(config.solutions)
        if (config.root / path).is_file() and not is_solution:
            yield name
    for tab in config.all_tabs:
        if tab.library:
            for module in tab.library.parent.glob("*.py"):
                yield os.path.relpath(module, config.root)


def _text(notebook: Any) -> str:
    """Return a notebook as a file, its outputs as d2lbook's pages need them."""
    import nbformat

    readable = copy.deepcopy(notebook)
    for cell in readable.cells:
        if cell.cell_type == "code":
            cell.outputs = [_spelled_out(output) for output in cell.outputs]
    return str(nbformat.writes(readable))  # type: ignore[no-untyped-call]


def _spelled_out(output: Any) -> Any:
    """Return a text also as Markdown if reStructuredText would read markup in it.

    nbconvert hands text to Sphinx as it is: `net_` would be a link.
    """
    from nbformat.v4 import new_output

    data = output.get("data", {"text/plain": output.get("text", "")})
    text = data.get("text/plain", "")
    if set(data) != {"text/plain"} or not _MARKUP.search(text):
        return output
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    shown = {**data, "text/markdown": f"{fence}\n{text}\n{fence}"}
    return new_output("display_data", data=shown)  # type: ignore[no-untyped-call]


def run_d2lbook(folder: Path, words: Sequence[str]) -> None:
    """Run a command of d2lbook's own command line in a copy of the book.

    Raises:
        BookFailure: it failed.
    """
    import pypandoc  # type: ignore[import-untyped]

    scripts = Path(sys.executable).parent
    pandoc = os.path.dirname(pypandoc.get_pandoc_path())
    path = os.pathsep.join([str(scripts), pandoc, os.environ.get("PATH", "")])
    # d2lbook gives cells of several tabs one id, of which nbformat warns each time
    environment = {**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"}
    command = [str(scripts / "d2lbook"), *words]
    code, _ = programs.run(command, cwd=folder, env=environment, aloud=True)
    if code != 0:
        said = f"`d2lbook {' '.join(words)}` ended with exit code {code}"
        raise BookFailure(explain(str(folder), said, "what it says above, corrected"))
