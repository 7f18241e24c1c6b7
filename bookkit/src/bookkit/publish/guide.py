"""What a notebook says around the text: what it needs, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from bookkit.book.commands import pip_line
from bookkit.book.config import Tab
from bookkit.book.markdown import tokens_of
from bookkit.book.solutions import solutions_path
from bookkit.book.source import Section, new_id
from bookkit.publish.numbers import References

#: Of which text the id of the last cell is made: it keeps it.
_ROLE = "way on"


def introduce(
    notebook: Any, section: Section, tab: Tab, references: References, ready: bool
) -> None:
    """Say below the title what the notebook was run with, and what to install.

    `ready`: it names a kernel that has all of it.
    """
    first = next((c for c in notebook.cells if c.cell_type == "markdown"), None)
    if first is None:
        return
    rows = first.source.split("\n")
    heads = [one for one in tokens_of(first.source) if one.type == "heading_open"]
    end = heads[0].map[1] if heads and heads[0].tag == "h1" and heads[0].map else 0
    title, rest = "\n".join(rows[:end]), "\n".join(rows[end:])
    versions = notebook.metadata.get("bookkit", {}).get("versions", {})
    install = _install(tab, references) if tab.install and not ready else []
    said = _introduction(section, tab, versions, references, install)
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


def _introduction(
    section: Section,
    tab: Tab,
    versions: Mapping[str, str],
    references: References,
    install: Iterable[str],
) -> str:
    config, words = references.config, references.words
    # `+cpu` names the wheel, not what it does
    version = versions.get(next(iter(tab.preload), ""), "").partition("+")[0]
    known = {"title": config.title, "tab": tab.title}
    known |= {"version": version, "python": versions.get("python", "")}
    said = [words["guide_run" if version else "guide_about"].format(**known), *install]
    if config.site:
        page = quote(section.path.with_suffix(".html").as_posix())
        address = f"{config.site}/{page}?tab={tab.name}"
        said.append(words["guide_page"].format(address=address))
    return "> " + words["guide_between"].join(said)


def _install(tab: Tab, references: References) -> Iterator[str]:
    """Yield what to install, and on which Pythons and systems that can be done."""
    words, newest = references.words, tab.pythons[-1]
    yield words["guide_install"].format(command=pip_line(tab.install))
    if newest != references.config.pythons[-1]:
        yield words["guide_python"].format(python=newest)
    if tab.platforms and all(one.startswith("linux-") for one in tab.platforms):
        yield words["guide_linux"]
    elif tab.platforms and "linux-aarch64" not in tab.platforms:
        yield words["guide_arm"]
