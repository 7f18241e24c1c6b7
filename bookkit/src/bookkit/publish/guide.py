"""What a notebook says around the text: what it needs, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from bookkit.book.config import Config, Tab
from bookkit.book.markdown import tokens_of
from bookkit.book.solutions import solutions_path
from bookkit.book.source import Section, new_id
from bookkit.publish.numbers import References

#: Of which text the id of the last cell is made: it keeps it.
_ROLE = "way on"
#: What a shell would take for something else.
_QUOTED = frozenset("<>;[]!~*")


def introduce(
    notebook: Any, section: Section, tab: Tab, references: References
) -> None:
    """Say below the title what the notebook was run with, and what to install."""
    first = next((c for c in notebook.cells if c.cell_type == "markdown"), None)
    if first is None:
        return
    rows = first.source.split("\n")
    heads = [one for one in tokens_of(first.source) if one.type == "heading_open"]
    end = heads[0].map[1] if heads and heads[0].tag == "h1" and heads[0].map else 0
    title, rest = "\n".join(rows[:end]), "\n".join(rows[end:])
    versions = notebook.metadata.get("bookkit", {}).get("versions", {})
    said = _introduction(references.config, section, tab, versions, references.words)
    first.source = "\n\n".join(filter(None, [title, said, rest.strip("\n")]))


def lead_on(
    notebook: Any,
    kind: Section,
    section: Section,
    following: PurePosixPath | None,
    references: References,
) -> None:
    """Lead to solutions, to the next notebook, and to the first page of the chapter.

    `kind` is the section itself, or the notebook with its solutions.
    """
    from nbformat.v4 import new_markdown_cell

    targets = {"next": following, "chapter": references.parent(section.path)}
    ways = [
        references.words[f"guide_{way}"].format(
            link=references.page(target, section.path.parent)
        )
        for way, target in targets.items()
        if target is not None
    ]
    if section.solution and kind is section:
        file = quote(solutions_path(section.path).with_suffix(".ipynb").name)
        ways.insert(0, references.words["guide_solutions"].format(file=file))
    if ways:
        added = new_markdown_cell(" · ".join(ways))  # type: ignore[no-untyped-call]
        added.id = new_id({cell.id for cell in notebook.cells}, _ROLE)
        notebook.cells.append(added)


def pip_line(requirements: Sequence[str]) -> str:
    """Return the command that installs them, for any shell."""
    quoted = [f'"{one}"' if _QUOTED & set(one) else one for one in requirements]
    return f"pip install {' '.join(quoted)}"


def _introduction(
    config: Config,
    section: Section,
    tab: Tab,
    versions: Mapping[str, str],
    words: Mapping[str, str],
) -> str:
    # `+cpu` names the wheel, not what it does
    version = versions.get(next(iter(tab.preload), ""), "").partition("+")[0]
    known = {"title": config.title, "tab": tab.title}
    known |= {"version": version, "python": versions.get("python", "")}
    said = [words["guide_run" if version else "guide_about"].format(**known)]
    if tab.install:
        said.append(words["guide_install"].format(command=pip_line(tab.install)))
        newest = tab.pythons[-1]
        if newest != config.pythons[-1]:
            said.append(words["guide_python"].format(python=newest))
        if tab.platforms and all(one.startswith("linux-") for one in tab.platforms):
            said.append(words["guide_linux"])
    if config.site:
        page = quote(section.path.with_suffix(".html").as_posix())
        address = f"{config.site}/{page}?tab={tab.name}"
        said.append(words["guide_page"].format(address=address))
    return "> " + words["guide_between"].join(said)
